# For tests/e2e/*.sh: bash, to be sourced. Each check prints "ok NAME", "not ok NAME: why" or "skip NAME".
#   B, PROGRAM come from tests/run.sh. T is this script's own folder, removed when all went well.
set -u
B=${B:-build/debug} PROGRAM=${PROGRAM:-build/debug/sitrep}
PROGRAM=$(realpath "$PROGRAM") SERVICES=$(realpath "$B/services")
. "$(dirname "${BASH_SOURCE[0]}")/estate.sh"
T=$(mktemp -d "$(realpath "$B")/e2e-XXXXXX")
NOW=2026-11-16T10:30:00Z WEEK=2026-W46
failures=0
estate_tokens

finish() {
	local rc=$?
	[ $rc = 0 ] || [ $failures != 0 ] || no "the script ran to its end" "exit $rc"
	[ -e "$T/services/services.pid" ] && estate_stop "$T"
	if [ $failures = 0 ]; then rm -rf "$T"; else echo "# kept: $T"; fi
	exit $((failures > 0))
}
trap finish EXIT

ok() { echo "ok $1"; }
no() {
	echo "not ok $1: $2"
	failures=$((failures + 1))
}
# is NAME HAVE WANT
is() { if [ "$2" = "$3" ]; then ok "$1"; else no "$1" "expected \"$3\", got \"$2\""; fi; }
# has NAME FILE WORDS: the file holds the words
has() { if grep -qF -- "$3" "$2"; then ok "$1"; else no "$1" "\"$3\" is not in $(tail -n 3 "$2" | tr '\n' '|')"; fi; }
hasnt() { if grep -qF -- "$3" "$2"; then no "$1" "$(grep -F -- "$3" "$2" | head -n 1)"; else ok "$1"; fi; }

# sitrep DIR ARGUMENT…: runs the program there; output in DIR/out and DIR/err, the exit status in RC
sitrep() {
	local dir=$1
	shift
	RC=0
	timeout 120 "$PROGRAM" -c "$dir/sitrep.yaml" --now "$NOW" "$@" >"$dir/out" 2>"$dir/err" || RC=$?
}
# exits NAME STATUS DIR ARGUMENT…
exits() {
	local name=$1 want=$2
	shift 2
	sitrep "$@"
	if [ $RC = "$want" ]; then ok "$name"; else no "$name" "exit $RC instead of $want: $(tail -n 2 "$1/err" | tr '\n' '|')"; fi
}
json() { "$SERVICES" --json "$@"; } # FILE PATH…
sql() { "$SERVICES" --sql "$1/var/sitrep.db" "$2"; }
digest() { echo "$1/var/archive/${2:-$WEEK}/${3:-everyone}/digest.json"; }
# number DIR ID: the value; whole DIR ID: "false" when nothing is missing
number() { json "$(digest "$1")" "numbers/$2/value"; }
incomplete() { json "$(digest "$1")" "numbers/$2/incomplete"; }
# A folder with a configuration of its own for the running services.
place() {
	mkdir -p "$1"
	estate_config "$1"
}
faults() { printf '%s\n' "$@" >"$T/services/faults"; }
mails() { find "$T/services/mail" -name '*.eml' 2>/dev/null | wc -l; }
posts() { cat "$T/services/slack.jsonl" 2>/dev/null | wc -l; }
# Only these sources (a sed script over the file: sentry github aws scans), to be quick.
only() {
	local dir=$1 keep=" ${*:2} "
	awk -v keep="$keep" '
		/^sources:/ { print; on = 1; next }
		/^[a-z]/ { on = 0 }
		on && /^  [a-z_]+:/ { name = $1; sub(":", "", name); skip = index(keep, " " name " ") == 0 }
		!on || !skip { print }' "$dir/sitrep.yaml" >"$dir/new.yaml" && mv "$dir/new.yaml" "$dir/sitrep.yaml"
}
