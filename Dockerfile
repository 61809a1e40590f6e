# syntax=docker/dockerfile:1

FROM golang:1.26 AS build
WORKDIR /src
# Dependencies first: they change seldom, and this layer is then kept.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
ARG COMMIT=
ARG COMMIT_DATE=
# Static, for an image without a libc; no paths of this machine in it, so that the same source gives the same binary.
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=${VERSION} -X main.commit=${COMMIT} -X main.commitDate=${COMMIT_DATE}" -o /out/fundledger ./cmd/fundledger \
 && mkdir /out/data /out/public /out/witness

# No shell, no package manager, nothing to break into; certificates and time zones are there.
FROM gcr.io/distroless/static-debian12:nonroot
ARG VERSION=dev
LABEL org.opencontainers.image.title="fundledger" \
      org.opencontainers.image.description="An event-sourced ledger for public support funds" \
      org.opencontainers.image.version="${VERSION}"
COPY --from=build /out/fundledger /usr/local/bin/fundledger
# The image's user (65532) owns the folders, and so new volumes mounted on them: the ledger's, a witness's, and that of public keys.
COPY --from=build --chown=nonroot:nonroot /out/data /data
COPY --from=build --chown=nonroot:nonroot /out/witness /witness
COPY --from=build --chown=nonroot:nonroot /out/public /public
USER nonroot:nonroot
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/usr/local/bin/fundledger", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/fundledger"]
CMD ["serve", "--listen", "0.0.0.0:8080", "--data", "/data"]
