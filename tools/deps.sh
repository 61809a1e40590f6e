#!/usr/bin/env bash
# Installs what the checks need and the machine lacks: make, a C compiler for the race detector, PostgreSQL, a browser, a Chinese
# font, systemd's reader of units, groff for the manual. Debian's packages, as root or by sudo; where everything is there already,
# nothing is touched.
set -euo pipefail

say() { printf '\n== %s\n' "$*"; }
run() { say "$*"; "$@"; }
fail() { printf '\nMissing: %s\n' "$*" >&2; exit 1; }

has_postgres() {
  local dir
  for dir in "${PG_BINDIR:-}" /usr/lib/postgresql/*/bin "$(dirname "$(command -v postgres || echo /none/postgres)")"; do
    if [ -x "$dir/postgres" ] && [ -x "$dir/initdb" ]; then return 0; fi
  done
  return 1
}
has_browser() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }
has_chinese_font() { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh 2>/dev/null)" ]; }

missing=()
command -v make >/dev/null || missing+=(make)
command -v git >/dev/null || missing+=(git)
command -v gcc >/dev/null || missing+=(gcc libc6-dev)
has_postgres || missing+=(postgresql)
has_browser || missing+=(chromium)
has_chinese_font || missing+=(fontconfig fonts-noto-cjk)
command -v curl >/dev/null || missing+=(curl)
command -v groff >/dev/null || missing+=(groff-base)
command -v systemd-analyze >/dev/null || missing+=(systemd)

if [ ${#missing[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || fail "install these first: ${missing[*]}"
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "not root and no sudo: have root run apt-get install ${missing[*]}"
    as_root=(sudo -n)
  fi
  run "${as_root[@]}" apt-get update -q
  run "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
fi

has_postgres || fail "PostgreSQL's postgres and initdb are still not there after the installation"
has_browser || fail "chromium is still not there after the installation"
