#!/usr/bin/env bash
# Sentry beyond its issues: releases, performance, health and monitors of a week, and what must not be there.
. "$(dirname "$0")/../support/e2e.sh"
estate_start "$T" "$SERVICES" || exit 1
D=$T/d
place "$D"
only "$D" sentry github aws
sed -i -e '/^    slack:/d' -e '/^    email:/d' "$D/sitrep.yaml"
exits "a week of everything Sentry has" 0 "$D" run --week $WEEK
J=$(digest "$D")
is "every part of it is complete" "$(sql "$D" "SELECT count(*) FROM ledger WHERE source = 'sentry' AND status <> 'complete'")" 0
is "its parts are these" "$(sql "$D" "SELECT group_concat(part, ' ') FROM (SELECT part FROM ledger WHERE source = 'sentry' ORDER BY part)")" \
	"activity checkins deploys health issues last_day metrics monitors performance performance_days releases uptime uptime_checks users volume"

# A deploy that Sentry was told of is the deployment that CodeDeploy made.
"$SERVICES" --truth --of $WEEK >"$T/truth.json"
for id in deployments.total deployments.succeeded deployments.rolled_back deployments.staging.total; do
	is "$id is counted once" "$(number "$D" $id)" "$(json "$T/truth.json" "numbers/$id")"
done
told=$(sql "$D" "SELECT count(*) FROM deployment WHERE kind = 'sentry' AND finished_at >= '2026-11-09'")
[ "$told" -gt 5 ] && ok "Sentry told of deployments" || no "Sentry told of deployments" "$told"

is "a failed check-in is told from a missed one" "$(sql "$D" "SELECT w.error, w.ok + w.missed FROM sentry_monitor m JOIN sentry_monitor_week w ON w.monitor_id = m.id WHERE m.key = 'nightly-import'")" "$(printf '1\t6')"
is "one that is switched off has no counts" "$(sql "$D" "SELECT w.status, coalesce(w.ok, 'none') FROM sentry_monitor m JOIN sentry_monitor_week w ON w.monitor_id = m.id WHERE m.key = 'old-backup'")" "$(printf 'disabled\tnone')"
is "the checks of an address are those of its minutes" "$(sql "$D" "SELECT sum(w.ok + w.error) FROM sentry_monitor m JOIN sentry_monitor_week w ON w.monitor_id = m.id WHERE m.kind = 'uptime'")" 20160
is "a project has a p95 of the week and of each day" "$(sql "$D" "SELECT s.label, count(*) FROM series s JOIN point p ON p.series_id = s.id WHERE s.kind = 'performance' AND s.board = 'tiles' AND s.panel = 'p95' GROUP BY s.label")" "$(printf '\t1\ndaily\t7')"
is "crash-free users are a share" "$(sql "$D" "SELECT count(*) FROM series s JOIN point p ON p.series_id = s.id WHERE s.panel = 'crash-free users' AND p.value > 0.9 AND p.value <= 1")" 48
if grep -qa -e invented-probe-secret -e 'probe=secret' "$D"/var/sitrep.db* "$J"; then no "what a probe sends is stored nowhere" "its secret is in the store"; else ok "what a probe sends is stored nowhere"; fi

# A week that is longer by an hour: days and hours are cut right.
exits "the week in which the clocks change" 0 "$D" collect --week 2026-W43 --source sentry
is "has every hourly check-in of its 169 hours" "$(sql "$D" "SELECT w.ok + w.missed FROM sentry_monitor m JOIN sentry_monitor_week w ON w.monitor_id = m.id WHERE m.key = 'hourly-tiles' AND w.week = '2026-W43'")" 169
is "says for which days the health was answered" "$(sql "$D" "SELECT count(DISTINCT w.reason) FROM series s JOIN series_week w ON w.series_id = s.id WHERE s.kind = 'health' AND w.week = '2026-W43' AND w.reason LIKE 'Sentry answered for 2026-10-18T00:00:00Z to %'")" 1

# What is optional fails alone, and what is refused is no failure.
# A day lies between two collections: earlier answers stand for one.
day=17
tomorrow() { day=$((day + 1)) NOW=2026-11-${day}T10:30:00Z; }
for f in releases monitors sessions detectors events-timeseries; do
	faults "sentry/$f/:404"
	tomorrow
	exits "$f is not there: exit 0" 0 "$D" collect --week $WEEK --source sentry
	is "$f is not there: errors are whole" "$(sql "$D" "SELECT status FROM ledger WHERE week = '$WEEK' AND part = 'issues'")" complete
	is "$f is not there: said so" "$(sql "$D" "SELECT count(*) > 0 FROM ledger WHERE week = '$WEEK' AND status = 'not_enabled' AND reason LIKE '404%'")" 1
	faults "sentry/$f/:500"
	sed -i 's/retries: 2/retries: 0/' "$D/sitrep.yaml"
	tomorrow
	exits "$f fails: exit 3" 3 "$D" collect --week $WEEK --source sentry
	is "$f fails: errors are whole" "$(sql "$D" "SELECT status FROM ledger WHERE week = '$WEEK' AND part = 'issues'")" complete
done
