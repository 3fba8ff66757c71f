#!/bin/sh
# Runs in the backup container.
set -eu
while true; do
    restic backup /backup --tag nightly
    restic forget --keep-daily 14 --keep-monthly 12 --prune
    sleep 86400
done
