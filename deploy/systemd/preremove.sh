#!/bin/sh
# Stops the service before its program goes. The ledger in /var/lib/fundledger is never removed by the package.
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
	systemctl disable --now fundledger.service
fi
