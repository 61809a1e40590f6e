#!/usr/bin/env bash
# Writes into the files named the digest of each image that they take from a registry, behind its name: image:tag@sha256:… . What a
# tag stands for may change; a digest cannot. Docker asks the registries. Nothing is written unless every image has its digest.
set -euo pipefail

[ $# -gt 0 ] || { echo "name the files: pin.sh FILE…" >&2; exit 2; }
command -v docker >/dev/null || { echo "docker is not there to ask the registries with" >&2; exit 1; }

# Images stand behind FROM and behind "image:". Ours is built, and has no digest before that.
images=$(sed -nE 's/^(FROM|[[:space:]]*image:)[[:space:]]+([^[:space:]@]+).*/\2/p' "$@" | grep -v '^fundledger:' | sort -u)
[ -n "$images" ] || { echo "no image is named in $*" >&2; exit 1; }
script=()
for image in $images; do
  digest=$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$image") || { echo "no digest of $image: nothing was written" >&2; exit 1; }
  [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || { echo "$digest is no digest of $image: nothing was written" >&2; exit 1; }
  name=$(sed 's/[.[\*^$|]/\\&/g' <<< "$image")
  script+=(-e "s|^((FROM\|[[:space:]]*image:)[[:space:]]+)$name(@sha256:[0-9a-f]+)?([[:space:]]\|\$)|\1$image@$digest\4|")
  echo "$image@$digest"
done
sed -E -i "${script[@]}" "$@"
