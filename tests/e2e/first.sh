#!/usr/bin/env bash
# The first week of all: no history, and it says so. The same again elsewhere, one request at a time: the same bytes.
. "$(dirname "$0")/../support/e2e.sh"
estate_start "$T" "$SERVICES" || exit 1
"$SERVICES" --truth >"$T/truth.json"
for d in one two; do
	D=$T/$d
	place "$D"
	sed -i -e 's/limits: {/limits: {concurrency: 1, /' -e '/^    slack:/d' -e '/^    email:/d' "$D/sitrep.yaml"
	"$SERVICES" --write-scans "$D/scans"
	exits "the first week of all ($d)" 3 "$D" run --week $WEEK
done
J=$(digest "$T/one")
is "no usual range without history" "$(json "$J" numbers/errors.new/usual)" null
is "no mark without history" "$(json "$J" numbers/errors.new/mark)" null
grep -qiE 'no (earlier|history|past)|first (week|digest)|not enough|history' "$T/one/var/archive/$WEEK/everyone/digest.txt" && ok "it says that there is no history" ||
	no "it says that there is no history" "no such words in digest.txt"
for id in errors.new errors.events errors.users deployments.total deployments.rolled_back ci.runs ci.failed ci.flaky ci.real ci.failing_now security.new security.outstanding; do
	is "$id is right without history" "$(json "$J" "numbers/$id/value")" "$(json "$T/truth.json" "numbers/$id")"
done
for f in digest.xml digest.json digest.txt page.html slack.json mail.eml digest.pdf; do
	cmp -s "$T/one/var/archive/$WEEK/everyone/$f" "$T/two/var/archive/$WEEK/everyone/$f" && ok "the same estate gives the same $f" || no "the same estate gives the same $f" "they differ"
done

# The requests are the same, too, in the same order.
D=$T/three
place "$D"
sed -i -e 's/limits: {/limits: {concurrency: 1, /' -e '/^    slack:/d' -e '/^    email:/d' "$D/sitrep.yaml"
cp -r "$T/one/scans" "$D/scans"
: >"$T/services/requests.log"
sitrep "$D" run --week $WEEK
cp "$T/services/requests.log" "$T/log1"
rm -rf "$D/var"
: >"$T/services/requests.log"
sitrep "$D" run --week $WEEK
cmp -s "$T/services/requests.log" "$T/log1" && ok "one request at a time: always the same order" || no "one request at a time: always the same order" "$(diff "$T/services/requests.log" "$T/log1" | head -n 3 | tr '\n' '|')"

# run without --week takes the last complete week; two missed weeks are caught up but not sent.
D=$T/four
place "$D"
only "$D" sentry
NOW=2026-10-26T10:00:00Z exits "run takes the last complete week" 0 "$D" run
[ -s "$(digest "$D" 2026-W43)" ] && ok "which is 2026-W43" || no "which is 2026-W43" "$(ls "$D/var/archive")"
before=$(mails)
exits "run catches up" 0 "$D" run
for w in 44 45 46; do
	[ -s "$(digest "$D" "2026-W$w")" ] && ok "2026-W$w has a digest" || no "2026-W$w has a digest" "missing"
done
is "only the newest is sent" "$(($(mails) - before))" 2
