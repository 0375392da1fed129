#!/usr/bin/env bash
# A collection killed at any instant loses nothing: the next one completes the picture, row for row.
. "$(dirname "$0")/../support/e2e.sh"
estate_start "$T" "$SERVICES" || exit 1
# rows DIR: all that was collected, without row ids and what tells of our runs (when a row was first seen, kept answers)
rows() {
	local q
	for q in \
		"SELECT source, key, slug, name, platform FROM sentry_project ORDER BY 1, 2" \
		"SELECT source, key, title, status, substatus, first_seen_at, last_seen_at, total_events FROM issue ORDER BY 1, 2" \
		"SELECT i.key, w.week, w.status, w.environment, w.events, w.users, w.last_day_events, w.regressed_at, w.escalated_at, w.resolved_at FROM issue_week w JOIN issue i ON i.id = w.issue_id ORDER BY 1, 2" \
		"SELECT * FROM project_day ORDER BY 1, 2, 3" \
		"SELECT source, key, name, default_branch, archived, disabled, gone FROM repo ORDER BY 1, 2" \
		"SELECT source, key, repo, name, path, state FROM workflow ORDER BY 1, 2" \
		"SELECT source, key, repo, workflow_key, conclusion, attempt, created_at, started_at, completed_at FROM ci_run ORDER BY 1, 2" \
		"SELECT r.key, a.attempt, a.conclusion, a.started_at, a.completed_at FROM ci_attempt a JOIN ci_run r ON r.id = a.run_id ORDER BY 1, 2" \
		"SELECT r.key, j.attempt, j.key, j.name, j.conclusion, j.failed_step, j.steps FROM ci_job j JOIN ci_run r ON r.id = j.run_id ORDER BY 1, 2, 3" \
		"SELECT source, kind, key, service, environment, sha, state, created_at, finished_at, rollback_of FROM deployment ORDER BY 1, 2, 3" \
		"SELECT source, repository, digest, tags, pushed_at FROM image_push ORDER BY 1, 2, 3" \
		"SELECT week, source, part, status FROM ledger ORDER BY 1, 2, 3"; do
		sql "$1" "$q"
		echo --
	done
}
A=$T/whole K=$T/killed
for d in "$A" "$K"; do
	place "$d"
	only "$d" sentry github aws
done
start=$(date +%s%N)
exits "a collection that nobody disturbs" 0 "$A" collect --week $WEEK
took_ms=$((($(date +%s%N) - start) / 1000000))
rows "$A" >"$T/want"
[ "$(wc -l <"$T/want")" -gt 500 ] && ok "there is something to lose" || no "there is something to lose" "$(wc -l <"$T/want") rows"

# What is known already is not asked for again, so the later ones end sooner and a kill comes too late: those do not count.
RANDOM=20261116 landed=0 kills=30
for i in $(seq $((5 * kills))); do
	[ $landed -lt $kills ] || break
	wait_ms=$((RANDOM % (took_ms + 10)))
	"$PROGRAM" -c "$K/sitrep.yaml" --now $NOW collect --week $WEEK >/dev/null 2>&1 &
	pid=$!
	sleep "$((wait_ms / 1000)).$(printf %03d $((wait_ms % 1000)))"
	kill -9 $pid 2>/dev/null && landed=$((landed + 1))
	wait $pid 2>/dev/null
	[ -e "$K/var/sitrep.db" ] || continue
	[ "$("$SERVICES" --sql "$K/var/sitrep.db" "PRAGMA integrity_check" 2>/dev/null)" = ok ] || no "kill $i: the store is whole" "after $wait_ms ms"
done
is "so many kills in the middle of one" $landed $kills
exits "then one that nobody disturbs" 0 "$K" collect --week $WEEK
rows "$K" >"$T/have"
if cmp -s "$T/want" "$T/have"; then ok "every row is there, and no other"; else no "every row is there, and no other" "$(diff "$T/want" "$T/have" | head -n 6 | tr '\n' '|')"; fi
for d in "$A" "$K"; do exits "its digest" 0 "$d" digest --week $WEEK; done
is "and so are the numbers" "$(json "$(digest "$K")" numbers | sha256sum)" "$(json "$(digest "$A")" numbers | sha256sum)"
