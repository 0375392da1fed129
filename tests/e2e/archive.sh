#!/usr/bin/env bash
# Years later: search, diff and explain over the archive alone, with every service gone.
. "$(dirname "$0")/../support/e2e.sh"
estate_start "$T" "$SERVICES" || exit 1
D=$T/d
place "$D"
"$SERVICES" --write-scans "$D/scans"
# report FILE DAY TEST TEXT: a bandit report of one finding
report() {
	cat >"$T/$1" <<JSON
{"errors": [], "generated_at": "$2T09:00:00Z", "metrics": {"_totals": {}}, "results": [{"code": "x", "filename": "a.py", "issue_confidence": "HIGH",
 "issue_severity": "HIGH", "issue_text": "$4", "line_number": 3, "line_range": [3], "more_info": "https://example.org/b", "test_id": "$3", "test_name": "t"}]}
JSON
}
report before.json 2026-11-02 B101 plain
report after.json 2026-11-12 B999 'zorblax \u001b[31m<script>alert(1)</script>\u202egnp.exe\r\nX-Header: 1'
sitrep "$D" backfill --from 2026-W44 --to 2026-W45
sitrep "$D" ingest "$T/before.json" --target stranger
exits "a report with a hostile title" 0 "$D" ingest "$T/after.json" --target stranger
estate_close "$T"
exits "run ends with 3, as one repository answers 403" 3 "$D" run --week $WEEK --no-send
estate_stop "$T"
rm -f "$T/services/services.pid"
J=$(digest "$D")

# --- search ---
exits "search" 0 "$D" search organisation_entity --format json
is "search finds the item, its title first" "$(json "$D/out" '*/title' | head -n 1)" "KeyError: 'organisation_entity'"
is "search names week and section" "$(json "$D/out" '*/week' | head -n 1) $(json "$D/out" '*/section' | head -n 1)" "$WEEK errors"
is "search links to the page" "$(json "$D/out" '*/link' | head -n 1)" "https://example.org/sitrep/$WEEK/everyone/page.html#errors"
exits "search as text" 0 "$D" search organisation_entity
has "search as text: week, title" "$D/out" "$WEEK  KeyError: 'organisation_entity'"
exits "search for a verdict's words" 0 "$D" search "\"$(json "$J" verdict | cut -d, -f1 | cut -c1-30)\""
has "search for a verdict's words finds the week" "$D/out" "$WEEK"
exits "search for what nobody said" 0 "$D" search xyzzyplugh
has "search for what nobody said tells so" "$D/out" "no digest says xyzzyplugh"
exits "search: no such thing gives an empty list" 0 "$D" search xyzzyplugh --format json
is "search: the list is empty" "$(tr -d ' \n' <"$D/out")" "[]"
for q in '"' 'NEAR(' 'title:x AND' "'; DROP TABLE item; --" '-' '{a}:b' $'\x1b[31mred' $'\xff\xfe'; do
	sitrep "$D" search -- "$q"
	[ $RC = 0 ] || [ $RC = 2 ] && ok "search takes $(printf %q "$q")" || no "search takes $(printf %q "$q")" "exit $RC: $(cat "$D/err")"
	LC_ALL=C grep -q $'\x1b' "$D/out" "$D/err" && no "no escape sequence comes out" "$(printf %q "$q")"
done
exits "search for nothing is a mistake of use" 2 "$D" search ''
exits "search with a limit" 0 "$D" search the --limit 2 --format json
is "search with a limit keeps it" "$(json "$D/out" '*/week' | wc -l)" 2
has "search with a limit says how many there are" "$D/err" "2 of "

# --- diff ---
exits "a week with itself" 0 "$D" diff $WEEK $WEEK
is "a week with itself: nothing is printed" "$(cat "$D/out")" ""
exits "a week with itself as JSON" 0 "$D" diff $WEEK last --format json
is "a week with itself as JSON is empty" "$(json "$D/out" same) $(json "$D/out" 'items/*/change')$(json "$D/out" 'numbers/*/id')" "true "
exits "two weeks" 0 "$D" diff 2026-W45 $WEEK --format json
N=$(json "$(digest "$D" 2026-W45)" numbers/errors.new/value)
is "two weeks: the number then" "$(json "$D/out" numbers/id=errors.new/from/value)" "$N"
is "two weeks: the number now" "$(json "$D/out" numbers/id=errors.new/to/value)" "$(json "$J" numbers/errors.new/value)"
is "two weeks: what was incomplete" "$(json "$D/out" numbers/id=ci.failed/to/incomplete)" true
is "two weeks: what was collected" "$(json "$D/out" coverage/source=github/to/status)" partial
exits "two weeks as text" 0 "$D" diff 2026-W45 $WEEK
has "two weeks as text: an item" "$D/out" "KeyError: 'organisation_entity'"
has "two weeks as text: at least" "$D/out" "→ at least "
exits "two weeks as a page" 0 "$D" diff 2026-W45 $WEEK --format html
has "two weeks as a page" "$D/out" "Only in $WEEK"
hasnt "the page asks for nothing" "$D/out" "<script"
exits "a week without a digest" 1 "$D" diff 2026-W30 $WEEK
has "a week without a digest: what to do" "$D/err" "sitrep run --week 2026-W30"
exits "no week at all" 2 "$D" diff yesteryear $WEEK

# --- explain: every count of every audience has its rows ---
# The numbers that are sums, rates or durations have no such rows.
uncounted="number NOT IN ('errors.events','errors.users') AND number NOT LIKE '%\\_s' ESCAPE '\\' AND number NOT LIKE '%\\_rate' ESCAPE '\\'
  AND number NOT LIKE 'availability.%' AND number NOT LIKE 'metrics.%'"
counted="SELECT number || ' of ' || week || ': ' || value || ', rows ' || rows FROM (SELECT w.*, (SELECT count(*) FROM number_rows r
  WHERE r.week = w.week AND r.audience = w.audience AND r.number = w.number) AS rows FROM week_numbers w)"
is "every count has as many rows as it says" "$(sql "$D" "$counted WHERE value <> rows AND audience = 'everyone' AND $uncounted")" ""
is "and they are many" "$(sql "$D" "SELECT count(*) > 60 FROM week_numbers WHERE value > 0 AND audience = 'everyone' AND $uncounted")" 1
exits "explain a number" 0 "$D" explain ci.failed --week $WEEK --format json
is "explain a number: value" "$(json "$D/out" value)" "$(json "$J" numbers/ci.failed/value)"
is "explain a number: as many rows" "$(json "$D/out" 'rows/*/key' | wc -l)" "$(json "$J" numbers/ci.failed/value)"
is "explain a number: what made it incomplete" "$(json "$D/out" incomplete) $(json "$D/out" 'because/*/source')" "true github"
is "explain a number: its SQL gives the rows" "$(sql "$D" "SELECT count(*) FROM ($(json "$D/out" sql | sed 's/;$//'))")" "$(json "$J" numbers/ci.failed/value)"
exits "explain a number as text" 0 "$D" explain errors.new
has "explain a number as text: what it means" "$D/out" "A Sentry issue first seen in the configured environments in this week."
has "explain a number as text: the statement" "$D/out" "number = 'errors.new'"
has "explain a number as text: a row" "$D/out" "KeyError: 'organisation_entity'"
I=$(sql "$D" "SELECT i.id FROM item i JOIN digest d ON d.id = i.digest_id WHERE d.week = '$WEEK' AND d.audience = 'everyone' AND i.title LIKE 'KeyError: ''organisation_entity%' AND i.counts LIKE 'errors.new %' ORDER BY i.position" | head -n 1)
exits "explain an item" 0 "$D" explain "$I" --format json
is "explain an item: its deployment" "$(json "$D/out" deployment/strength)" certain
is "explain an item: where it stood" "$(json "$D/out" 'digests/*/week' | tail -n 1)" "$WEEK"
exits "explain an item as text" 0 "$D" explain "$I"
has "explain an item as text: title" "$D/out" "KeyError: 'organisation_entity'"
exits "explain an older week" 0 "$D" explain errors.new --week 2026-W45 --format json
is "explain an older week: value" "$(json "$D/out" value)" "$N"
exits "an unknown id" 2 "$D" explain errors.nwe
has "an unknown id: what is like it" "$D/err" "did you mean errors.new"
has "an unknown id: what there is" "$D/err" "deployments.rolled_back"
exits "a hostile id" 2 "$D" explain $'\x1b[31m<script>\u202e'
LC_ALL=C grep -q $'\x1b' "$D/err" && no "a hostile id sends nothing to the terminal" "escape" || ok "a hostile id sends nothing to the terminal"

# --- a stranger's title, taken in with a report ---
for command in "search zorblax" "diff 2026-W45 $WEEK" "explain security.new"; do
	sitrep "$D" $command
	has "$command: the title is there" "$D/out" "zorblax"
	LC_ALL=C grep -qE $'\x1b|\xe2\x80\xae|\r' "$D/out" && no "$command: as one harmless line" "$(grep zorblax "$D/out" | cat -v | head -n 1)" || ok "$command: as one harmless line"
	grep -q '^X-Header' "$D/out" && no "$command: no line of its own" "it is" || ok "$command: no line of its own"
	sitrep "$D" $command --format json
	LC_ALL=C grep -qE $'\x1b|\xe2\x80\xae|\r' "$D/out" && no "$command as JSON: harmless" "$(grep zorblax "$D/out" | cat -v | head -n 1)" || ok "$command as JSON: harmless"
	is "$command as JSON: can be read" "$(json "$D/out" "" >/dev/null 2>"$T/bad" && cat "$T/bad")" ""
done
sitrep "$D" diff 2026-W45 $WEEK --format html
has "diff as a page: the title is there" "$D/out" "&lt;script&gt;alert(1)"
hasnt "diff as a page: no element of it" "$D/out" "<script"
