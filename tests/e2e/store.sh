#!/usr/bin/env bash
# The store and the disk: newer, locked, damaged, full.
. "$(dirname "$0")/../support/e2e.sh"
estate_start "$T" "$SERVICES" || exit 1
D=$T/d
place "$D"
only "$D" sentry
exits "a week to start from" 0 "$D" run --week $WEEK --no-send

version=$(sql "$D" "PRAGMA user_version")
sql "$D" "PRAGMA user_version = 9999"
exits "a database of a newer program: exit 1" 1 "$D" run --week $WEEK
has "a database of a newer program: says so" "$D/err" newer
sql "$D" "PRAGMA user_version = $version"

# Another run, slowed down.
faults sentry:slow
"$PROGRAM" -c "$D/sitrep.yaml" --now $NOW collect --week $WEEK >/dev/null 2>&1 &
other=$!
sleep 0.3
exits "another run holds the lock: exit 5" 5 "$D" run --week $WEEK
has "another run holds the lock: says so" "$D/err" "lock"
wait $other
faults ""
exits "the lock is gone with the process" 0 "$D" collect --week $WEEK

mkdir -p "$T/dir/var" && cp "$D/sitrep.yaml" "$T/dir/"
echo "this is no database" >"$T/dir/var/sitrep.db"
exits "a file that is no database: exit 1" 1 "$T/dir" run --week $WEEK
has "a file that is no database: says which" "$T/dir/err" sitrep.db

# A disk with no room: a file size limit gives the same errors everywhere (SIGXFSZ is ignored, writes fail with EFBIG).
F=$T/full
place "$F"
only "$F" sentry github
(
	trap '' XFSZ
	ulimit -f 200
	exits "no room on the disk: exit 1" 1 "$F" run --week $WEEK
	[ $failures = 0 ]
) || failures=$((failures + 1))
grep -qiE 'full|large|space|write|disk' "$F/err" && ok "no room on the disk: says so" || no "no room on the disk: says so" "$(tail -n 1 "$F/err")"
exits "room again: the week is made" 0 "$F" run --week $WEEK
is "room again: new errors" "$(number "$F" errors.new)" 14
is "room again: the store is whole" "$(sql "$F" "PRAGMA integrity_check")" ok
if [ "$(id -u)" = 0 ] && mkdir -p "$T/tmpfs" && mount -t tmpfs -o size=300k tmpfs "$T/tmpfs" 2>/dev/null; then
	place "$T/tmpfs"
	only "$T/tmpfs" sentry github
	RC=0
	"$PROGRAM" -c "$T/tmpfs/sitrep.yaml" --now $NOW run --week $WEEK >"$T/tmpfs.out" 2>"$T/tmpfs.err" || RC=$?
	is "a full file system: exit 1" $RC 1
	umount "$T/tmpfs"
else
	echo "skip a full file system: no right to mount one"
fi
chmod 555 "$D/var/archive"
if [ "$(id -u)" != 0 ]; then
	exits "an archive that may not be written: exit 1" 1 "$D" digest --week $WEEK
else
	echo "skip an archive that may not be written: root may write anywhere"
fi
chmod 755 "$D/var/archive"
exits "backup over an existing file is refused or whole" 0 "$D" backup "$T/b.db"
is "backup is whole" "$("$SERVICES" --sql "$T/b.db" "SELECT count(*) > 0 FROM issue")" 1
RC=0
"$PROGRAM" -c "$D/sitrep.yaml" --now $NOW show --week $WEEK >/dev/full 2>"$D/err" || RC=$?
is "standard output that cannot be written: exit 1" $RC 1
