# "make" prints what there is.

# A pipe fails when any part of it does.
SHELL := bash
.SHELLFLAGS := -o pipefail -c

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT ?= $(shell git rev-parse HEAD 2>/dev/null)
COMMIT_DATE ?= $(shell TZ=UTC0 git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd 2>/dev/null)
# -trimpath: no path of this machine in the binary. CGO off: one static file that runs on any Linux.
BUILD = CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT) -X main.commitDate=$(COMMIT_DATE)"
# A version of Debian's begins with a digit. Where there is no release to count from, the commit's time comes first: hashes have no order.
DEB_VERSION ?= $(if $(filter v%,$(VERSION)),$(VERSION),0.0.0+$(shell git log -1 --format=%cd --date=format:%Y%m%d%H%M%S).$(VERSION))
PLATFORMS = linux/amd64 linux/arm64 darwin/amd64 darwin/arm64
# Where goroutines meet and no database or browser is waited for: the race detector makes everything several times slower.
CONCURRENT = ./eventstore ./ledger ./proof
# Three servers in one process, all of them slowed, change leaders because they are slow; a slowed instance beside a busy one loses nearly every
# race, and the test of it takes minutes instead of one second. Without the detector "make rest" runs
# these too. Nor does it look at what moves many megabytes through one goroutine: two of these were half of its time.
NOT_RACED = ThreeNodes|ABusyInstanceDoesNotStarveAnother|AForgedEventBeyondWhatCanBeHeld|LargeCommandsAreSpreadOverAppends|OneNode/a_content_is_kept
# What takes minutes begins first: at the end it would be waited for alone, beside an idle core.
LONGEST = ./cmd/fundledger ./projections/postgres ./web ./web/pages
FUZZTIME ?= 20s
# Tells a package that hangs; go test's ten minutes also end one on a machine that is merely slow.
PATIENCE ?= 40m
COUNT ?= 6
PACKAGES ?= ./...

.PHONY: help
help: ## Print these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build bin/fundledger
	$(BUILD) -o bin/fundledger ./cmd/fundledger

.PHONY: run
run: build ## Fill a new ledger with sample years, print its totals, serve it
	bin/fundledger demo

.PHONY: deps
deps: ## Install what the tests need and the machine lacks (Debian, as root or by sudo)
	@bash tools/deps.sh

.PHONY: test
test: ## Run the tests (they need a PostgreSQL server installed)
	go test -timeout $(PATIENCE) $(PACKAGES)

# The concurrent packages have run under the race detector already, but for what it leaves out. -vet=off here and there: "make vet" looks
# at all of it and for more, and go test's own vet would go through every dependency again, once with the detector and once without.
.PHONY: rest
rest: ## Run the tests that "make race" does not
	go test -vet=off -timeout $(PATIENCE) -run '$(NOT_RACED)' $(CONCURRENT)
	packages=$$(go list $(PACKAGES) | grep -vxF "$$(go list $(CONCURRENT))"); \
	go test -vet=off -timeout $(PATIENCE) $$(grep -xF "$$(go list $(LONGEST))" <<< "$$packages") $$packages

.PHONY: check
check: format vet lint deadcode alarms race rest ## Everything that CI runs: format, vet, staticcheck, dead code, alarms, races, tests

.PHONY: format
format: ## Fail on files that gofmt would change
	@unformatted=$$(gofmt -l .) || exit 1; \
	if [ -n "$$unformatted" ]; then echo "run gofmt -w on:"; echo "$$unformatted"; exit 1; fi

.PHONY: vet
vet: ## go vet
	go vet $(PACKAGES)

# All of staticcheck's default checks: bugs, dead code, deprecated calls. Its choices of style beyond them (ST1000 and the like)
# are left out by its own default: those we judge by eye.
.PHONY: lint
lint: bin/staticcheck ## staticcheck
	bin/staticcheck $(PACKAGES)

# -test: the tests are programs too, for what only they call is support of theirs. It prints what it finds and ends with 0:
# the lines are what fails.
.PHONY: deadcode
deadcode: bin/deadcode ## Fail on functions that neither the program nor a test can reach
	@dead=$$(bin/deadcode -test $(PACKAGES)) || exit 1; \
	if [ -n "$$dead" ]; then echo "nothing calls:"; echo "$$dead"; exit 1; fi

# In the tools' module, for it takes Prometheus' engine.
.PHONY: alarms
alarms: ## Check the Prometheus rules and the Grafana dashboard, and try each alarm
	go test -C tools ./...

# Prometheus' own program, which brings 1,364 packages along: "make alarms" does the same by its libraries.
.PHONY: promtool
promtool: ## Check the rules, their tests and a page of metrics by promtool (Debian: prometheus)
	@command -v promtool >/dev/null || { echo "promtool is missing: apt-get install --no-install-recommends prometheus"; exit 1; }
	promtool check rules deploy/prometheus/fundledger.rules.yml
	promtool test rules deploy/prometheus/fundledger.tests.yml
	mkdir -p bin
	go test ./cmd/fundledger -run TestTheServiceExportsWhatItsAlarmsAskFor -count 1 -metrics-page $(CURDIR)/bin/metrics.txt
	promtool check metrics < bin/metrics.txt

.PHONY: race
race: ## Run the tests of the concurrent packages under the race detector
	CGO_ENABLED=1 go test -vet=off -race -timeout $(PATIENCE) -skip '$(NOT_RACED)' $(CONCURRENT)

# -run '^$$': benchmarks only. Six runs each, so that benchstat can tell a change from noise.
.PHONY: bench
bench: bin/benchstat ## Run the benchmarks into bench.out; OLD=file compares with an earlier bench.out
	go test -run '^$$' -bench . -benchmem -count $(COUNT) $(PACKAGES) | tee bench.out.new
	@mv bench.out.new bench.out
	@if [ -n "$(OLD)" ]; then bin/benchstat "$(OLD)" bench.out; fi

# By hand: some minutes. The tests of CI run the short form.
.PHONY: recount
recount: ## Judge 10^6 (DECISIONS) random commands twice, by the rules and by the design's text
	go test ./domain -run TestDecisionsAreAsTheDesignSays -count 1 -v -timeout 0 -rapid.checks 400 -decisions $(or $(DECISIONS),1000000)

# By hand: hours. The tests of CI run the short form, a few kills each.
.PHONY: chaos
chaos: ## Kill, pause and part everything KILLS times (500) in each of the tests of chaos, while clients compete
	go test ./cmd/fundledger -run TestChaos -count 1 -v -timeout 0 -kills $(or $(KILLS),500)

# By hand: it needs LibreOffice (apt-get install --no-install-recommends libreoffice-calc poppler-utils), and fails without it.
.PHONY: office
office: ## Have LibreOffice open, print and save what is exported, and read it again
	go test ./web/pages -tags office -run 'LibreOffice' -count 1 -v -timeout $(PATIENCE)

# The go command fuzzes one target of one package at a time.
.PHONY: fuzz
fuzz: ## Fuzz every target for FUZZTIME (20s)
	@for package in $$(go list $(PACKAGES)); do \
	  listed=$$(go test -list '^Fuzz' $$package) || { echo "$$listed"; exit 1; }; \
	  for target in $$(grep '^Fuzz' <<< "$$listed"); do \
	    echo "$$package $$target"; \
	    go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
	  done; \
	done

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin bench.out bench.out.new

.PHONY: image
image: ## Build the container image fundledger:VERSION
	docker build --build-arg VERSION=$(VERSION) --build-arg COMMIT=$(COMMIT) --build-arg COMMIT_DATE=$(COMMIT_DATE) --tag fundledger:$(VERSION) .

# For a release, where the registries can be reached: it changes the files, for a person to look at and commit.
.PHONY: pin
pin: ## Write the digests of images into Dockerfile and docker-compose.yml (needs docker)
	bash tools/pin.sh Dockerfile docker-compose.yml

.PHONY: release
release: ## Build bin/release for every platform, with checksums
	rm -rf bin/release
	@for platform in $(PLATFORMS); do \
	  echo "$$platform"; \
	  GOOS=$${platform%/*} GOARCH=$${platform#*/} $(BUILD) -o bin/release/fundledger-$${platform/\//-} ./cmd/fundledger || exit 1; \
	done
	cd bin/release && sha256sum fundledger-* > SHA256SUMS

# nfpm takes the version without its v; what git describes of a commit between releases sorts behind the release.
.PHONY: deb
deb: build bin/nfpm ## Build bin/fundledger_VERSION_ARCH.deb, with the systemd unit, the manual and completions
	rm -rf bin/deb
	GOOS=linux $(BUILD) -o bin/deb/fundledger ./cmd/fundledger
	bin/fundledger man --lang en --out bin/deb/man/en && bin/fundledger man --lang zh --out bin/deb/man/zh && gzip -9n bin/deb/man/*/*
	mkdir bin/deb/completion
	for shell in bash zsh fish; do bin/fundledger completion $$shell > bin/deb/completion/$$shell || exit 1; done
	DEB_ARCH=$$(go env GOARCH) DEB_VERSION=$(patsubst v%,%,$(DEB_VERSION)) bin/nfpm package --config deploy/nfpm.yaml --packager deb --target bin/

# The tools are pinned in a module of their own, tools/go.mod: the ledger does not depend on them.
bin/staticcheck: tools/go.mod
	go build -C tools -o ../$@ honnef.co/go/tools/cmd/staticcheck
bin/deadcode: tools/go.mod
	go build -C tools -o ../$@ golang.org/x/tools/cmd/deadcode
bin/nfpm: tools/go.mod
	go build -C tools -o ../$@ github.com/goreleaser/nfpm/v2/cmd/nfpm
bin/benchstat: tools/go.mod
	go build -C tools -o ../$@ golang.org/x/perf/cmd/benchstat
