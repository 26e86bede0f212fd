#!/bin/bash
# One dump into BACKUP_DIR, named by the time it was begun; those older than KEEP_DAYS go once the new one is there.
# Where it leaves less than 15 % of the volume free, the dump is kept and the exit status is 28 (ENOSPC).
set -euo pipefail
umask 077

archive="$BACKUP_DIR/$(date -u +%Y%m%dT%H%M%SZ).archive.gz"
# In a file: a password on a command line can be read by whoever lists processes.
config="$(mktemp)"
trap 'rm -f "$config"' EXIT
printf 'uri: "%s"\n' "$MONGODB_URI" > "$config"

rm -f "$BACKUP_DIR"/*.unfinished # of a run that was broken off: there is one run at a time
mongodump --config="$config" --oplog --gzip --archive="$archive.unfinished"
mv "$archive.unfinished" "$archive"
find "$BACKUP_DIR" -name '*.archive.gz' -mtime "+$KEEP_DAYS" -delete
echo "$archive: $(stat --format=%s "$archive") bytes"

used="$(df --output=pcent "$BACKUP_DIR" | tail -n 1 | tr -dc 0-9)"
if [ "$used" -gt 85 ]; then
  echo "Only $((100 - used)) % of the volume is free: enlarge it, or soon a dump will not fit." >&2
  exit 28
fi
