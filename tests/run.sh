#!/usr/bin/env bash
# Runs unit test binaries (arguments) and the end-to-end scripts, prints what failed and one closing line of counts.
#   B=build/debug PROGRAM=build/debug/sitrep tests/run.sh BINARY…        E2E=0 leaves the scripts out
set -u
cd "$(dirname "$0")/.." || exit 2
export LSAN_OPTIONS="suppressions=$PWD/tests/lsan.supp:print_suppressions=0${LSAN_OPTIONS:+:$LSAN_OPTIONS}"
passed=0 failed=0 skipped=0
logs=$B/logs
rm -rf "$logs" && mkdir -p "$logs"
count() { sed -n "s/^\[ *$1 *\] \([0-9]*\) test.*/\1/p" "$2" | tail -n 1; }
for t; do
	name=${t##*/} log=$logs/${t##*/}.log
	timeout "${TEST_TIMEOUT:-300}" "$t" >"$log" 2>&1
	rc=$?
	p=$(count PASSED "$log") f=$(count FAILED "$log") s=$(count SKIPPED "$log")
	[ -n "$p$f" ] && [ $rc -lt 124 ] || { [ $rc -ne 0 ] || rc=99; } # no closing lines: it did not finish
	[ $rc -ne 0 ] && [ -z "$f" ] && f=1
	passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
	if [ $rc -ne 0 ]; then
		printf 'FAILED %s (exit %d)\n' "$name" $rc
		grep -vE '^\[ +(RUN|OK) ' "$log" | tail -n 60
	elif [ -n "${s:-}" ] && [ "${s:-0}" -gt 0 ]; then
		printf 'ok     %s: %d passed, %d skipped\n' "$name" "${p:-0}" "$s"
	else
		printf 'ok     %s: %d passed\n' "$name" "${p:-0}"
	fi
done
# The scripts wait for services more than they work: as many at once as there are processors, told in their order.
export B PROGRAM logs
one() {
	local log=$logs/${1##*/}.log
	timeout "${TEST_TIMEOUT:-300}" bash "$1" >"$log" 2>&1
	echo $? >"$log.rc"
}
export -f one
if [ "${E2E:-1}" = 1 ]; then
	printf '%s\n' tests/e2e/*.sh | xargs -P "${E2E_JOBS:-$(nproc)}" -I{} bash -c 'one {}'
	for t in tests/e2e/*.sh; do
		log=$logs/${t##*/}.log
		rc=$(cat "$log.rc" 2>/dev/null || echo 125)
		p=$(grep -c '^ok ' "$log") f=$(grep -c '^not ok ' "$log") s=$(grep -c '^skip ' "$log")
		[ "$rc" -ne 0 ] && [ "$f" = 0 ] && f=1
		passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
		if [ "$f" != 0 ]; then
			printf 'FAILED %s (exit %d)\n' "${t#tests/}" "$rc"
			grep -v '^ok ' "$log" | tail -n 60
		else
			printf 'ok     %s: %d passed%s\n' "${t#tests/}" "$p" "$([ "$s" = 0 ] || echo ", $s skipped")"
		fi
	done
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
