#!/bin/sh
# Makes the service's user and its folder. Nothing is started: the ledger's settings are its owner's to write first.
set -e
[ "$1" = configure ] || exit 0
if ! getent passwd fundledger >/dev/null; then
	adduser --system --group --no-create-home --home /var/lib/fundledger --shell /usr/sbin/nologin --quiet fundledger
fi
# systemd would make it at the first start, and a policy is published before that.
install --directory --owner fundledger --group fundledger --mode 0700 /var/lib/fundledger
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	# An upgrade of one that runs: it comes back with all that it has acknowledged.
	systemctl try-restart fundledger.service
fi
