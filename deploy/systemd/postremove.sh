#!/bin/sh
# Neither removal nor purge touches the ledger in /var/lib/fundledger, or the user whose it is.
set -e
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
fi
if [ "$1" = purge ] && [ -d /var/lib/fundledger ]; then
	echo "The ledger in /var/lib/fundledger is kept, and its user. To remove both: rm -r /var/lib/fundledger; deluser fundledger"
fi
