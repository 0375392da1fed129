#!/usr/bin/env bash
# Real data, read in place where it is there: recorded GitHub runs served by the loopback service, real scan reports from files.
. "$(dirname "$0")/../support/e2e.sh"
F=${SITREP_FIXTURES:-../shared/fixtures}
if [ ! -d "$F/github" ] || [ ! -d "$F/scans" ]; then
	echo "skip recorded GitHub runs: no fixtures at $F"
	echo "skip real scan reports: no fixtures at $F"
	exit 0
fi
F=$(realpath "$F")

# --- scan reports: what ingest --dry-run says of each is what was counted by hand ---
cd "$F/scans" || exit 1
keys=(format status findings critical high medium low info suppressed)
checked=0 wrong='' files=() wants=() lines=()
while IFS=$'\t' read -r file want; do
	[ -f "$file" ] && [ "$(wc -c <"$file")" -ge 20 ] && files+=("$file") && wants+=("$want")
done < <(tail -n +2 expected.tsv)
mapfile -t lines < <("$PROGRAM" ingest --dry-run --format json "${files[@]}" 2>"$T/err")
while IFS=$'\t' read -r file want; do # a list of nothing does not say whose it is
	[ -f "$file" ] && [ "$(wc -c <"$file")" -lt 20 ] && files+=("$file") && wants+=("$want") &&
		lines+=("$("$PROGRAM" ingest --dry-run --format json --tool "${file%%/*}" "$file" 2>"$T/err")")
done < <(tail -n +2 expected.tsv)
is "ingest prints a line for every file" "${#lines[@]}" "${#files[@]}"
(IFS=,; echo "[${lines[*]}]") >"$T/all"
mkdir "$T/columns"
for k in "${keys[@]}"; do json "$T/all" "*/$k" >"$T/columns/$k"; done
mapfile -t have < <(cd "$T/columns" && paste "${keys[@]}")
for i in "${!files[@]}"; do
	h=${have[$i]} want=${wants[$i]}
	case $want in *malformed*) # what a broken report would have been is a guess
		h=${h#*$'\t'} want=${want#*$'\t'} ;;
	esac
	[ "$h" = "$want" ] || wrong="$wrong ${files[$i]} is [$h], not [$want];"
	checked=$((checked + 1))
done
cd - >/dev/null || exit 1
is "every real scan report reads as counted by hand" "$wrong" ""
[ $checked -gt 150 ] && ok "many reports were read ($checked)" || no "many reports were read" "$checked"

# --- recorded GitHub runs ---
for set in recorded-hub4j recorded-pygithub; do
	rm -rf "$T/services"
	estate_start "$T" "$SERVICES" --replay "$F/github/$set" || exit 1
	D=$T/$set
	place "$D"
	only "$D" github
	sed -i -e 's/collect: \[actions, deployments\]/collect: [actions]/' -e '/^    slack:/d' -e '/^    email:/d' "$D/sitrep.yaml"
	echo 'retention: {raw_days: 36500}' >>"$D/sitrep.yaml" # recorded in years gone by
	"$SERVICES" --recorded "$F/github/$set" | cut -f3 >"$T/runs"
	total=$(wc -l <"$T/runs")
	[ "$total" -gt 0 ] && ok "$set: $total recorded runs" || no "$set: recorded runs" none
	for week in $(cut -c1-10 "$T/runs" | sort -u | while read -r day; do date -d "$day" +%G-W%V; done | sort -u); do
		rc=0 # one run was re-run, and its first attempt is in no recording: that is told, not passed over
		[ "$set $week" = "recorded-pygithub 2026-W21" ] && rc=3
		NOW=2026-11-16T10:30:00Z exits "$set: $week is collected" $rc "$D" run --week "$week" --no-send
		want=$(cut -c1-10 "$T/runs" | while read -r day; do date -d "$day" +%G-W%V; done | grep -c "^$week$")
		is "$set: runs of $week" "$(json "$(digest "$D" "$week")" numbers/ci.runs/value)" "$want"
	done
	is "$set: every recorded run is in the store" "$(sql "$D" "SELECT count(*) FROM ci_run")" "$total"
	estate_stop "$T"
done
