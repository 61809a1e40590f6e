#!/bin/sh
# Creates the streams of each fund named, as the operator; those that are there already stay as they are.
#
#   NATS_URL=… NATS_USER=operator NATS_PASSWORD=… streams.sh FUND…
#
# The service may not do it itself: who can create a stream can have it republish what it takes to any subject, the one that
# updates other streams included. The service checks every setting when it starts.
set -eu

[ $# -gt 0 ] || { echo "name the funds: streams.sh FUND…" >&2; exit 2; }
here=$(dirname "$0")

create() { # name, subject, settings
  answer=$(nats request "\$JS.API.STREAM.CREATE.$1" "$(sed -e "s/@NAME@/$1/" -e "s/@SUBJECT@/$2/" "$here/$3")" --raw --timeout 10s)
  case $answer in
    *'"err_code":10058'*) echo "stream $1 is there, with other settings than those: left alone" ;;
    *'"error"'* | '') echo "stream $1: $answer" >&2; return 1 ;;
    *) echo "stream $1 is there" ;;
  esac
}

for fund in "$@"; do
  case $fund in
    *[!A-Za-z0-9_-]*) echo "fund $fund: letters, digits, - and _ only" >&2; exit 2 ;;
  esac
  create "FUND_$fund" "fund.$fund.>" stream.json
  create "REFUSED_$fund" "refused.$fund.>" stream.json
  create "ACCOUNTS_$fund" "accounts.$fund.>" stream.json
  create "KEPT_$fund" "kept.$fund.>" shelf.json
  # The object store of attachments, whose bucket is FILES_ and the fund's name.
  create "OBJ_FILES_$fund" "\$O.FILES_$fund.C.>\", \"\$O.FILES_$fund.M.>" stream.json
done
