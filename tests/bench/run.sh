#!/usr/bin/env bash
# Runs the benches (arguments) one after another and prints their figures; each bench says what it compares with.
set -u
cd "$(dirname "$0")/../.." || exit 2
rc=0
for b; do
	echo "== ${b##*/}"
	"$b" || rc=1
done
# The start of the program, best of 20: what a user waits for before anything happens.
best=999999
for _ in $(seq 20); do
	s=$(date +%s%N)
	"$PROGRAM" --version >/dev/null || rc=1
	t=$((($(date +%s%N) - s) / 1000))
	[ $t -lt $best ] && best=$t
done
echo "== start"
echo "sitrep --version: $((best / 1000)).$(printf %03d $((best % 1000))) ms (limit 20 ms)"
exit $rc
