#!/usr/bin/env bash
# Runs unit test binaries (arguments) and the end-to-end scripts side by side, then tells in order what failed and one closing line of counts.
#   B=build/debug PROGRAM=build/debug/sitrep tests/run.sh BINARY…        E2E=0 leaves the scripts out, JOBS says how many run at once
set -u
cd "$(dirname "$0")/.." || exit 2
export LSAN_OPTIONS="suppressions=$PWD/tests/lsan.supp:print_suppressions=0${LSAN_OPTIONS:+:$LSAN_OPTIONS}"
passed=0 failed=0 skipped=0
export B PROGRAM logs=$B/logs
rm -rf "$logs" && mkdir -p "$logs"
scripts=()
[ "${E2E:-1}" = 1 ] && scripts=(tests/e2e/*.sh)

# one TEST: its output in a log of its name, its exit status beside it
one() {
	local log=$logs/${1##*/}.log run=()
	case $1 in *.sh) run=(bash) ;; esac
	timeout "${TEST_TIMEOUT:-300}" "${run[@]}" "$1" >"$log" 2>&1
	echo $? >"$log.rc"
}
export -f one
# The scripts first: they take longest and wait for services more than they work, so there is room for one more than there are processors.
printf '%s\n' "${scripts[@]}" "$@" | xargs -P "${JOBS:-$(($(nproc) + 1))}" -I{} bash -c 'one {}'

count() { sed -n "s/^\[ *$1 *\] \([0-9]*\) test.*/\1/p" "$2" | tail -n 1; }
# told NAME LOG QUIET PASSED FAILED SKIPPED: QUIET is what a log's lines of success look like
told() {
	local rc
	rc=$(cat "$2.rc" 2>/dev/null || echo 125)
	local f=$5
	[ "$rc" -ne 0 ] && [ "$f" = 0 ] && f=1
	passed=$((passed + $4)) failed=$((failed + f)) skipped=$((skipped + $6))
	if [ "$f" != 0 ]; then
		printf 'FAILED %s (exit %d)\n' "$1" "$rc"
		grep -vE "$3" "$2" | tail -n 60
	else
		printf 'ok     %s: %d passed%s\n' "$1" "$4" "$([ "$6" = 0 ] || echo ", $6 skipped")"
	fi
}
for t; do
	log=$logs/${t##*/}.log
	p=$(count PASSED "$log") f=$(count FAILED "$log") s=$(count SKIPPED "$log")
	[ -n "$p$f" ] || f=1 # no closing lines: it did not finish
	told "${t##*/}" "$log" '^\[ +(RUN|OK) ' "${p:-0}" "${f:-0}" "${s:-0}"
done
for t in "${scripts[@]}"; do
	log=$logs/${t##*/}.log
	told "${t#tests/}" "$log" '^ok ' "$(grep -c '^ok ' "$log")" "$(grep -c '^not ok ' "$log")" "$(grep -c '^skip ' "$log")"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
