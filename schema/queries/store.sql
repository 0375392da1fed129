-- Runs of the program and how long things are kept.

-- name: run_begin
INSERT INTO run (command, week, version, started_at) VALUES (:command, :week, :version, :started_at) RETURNING id;

-- name: run_end
UPDATE run SET ended_at = :ended_at, exit_status = :exit_status, summary = :summary WHERE id = :id;

-- name: run_list
SELECT id, command, week, version, started_at, ended_at, exit_status, summary FROM run ORDER BY id DESC LIMIT :limit;

-- name: ledger_put
INSERT INTO ledger (week, source, part, status, expected, received, requests, retries, pages, bytes, as_of_at, reason, affects, run_id)
VALUES (:week, :source, :part, :status, :expected, :received, :requests, :retries, :pages, :bytes, :as_of_at, :reason, :affects, :run_id)
ON CONFLICT (week, source, part) DO UPDATE SET
  status = excluded.status, expected = excluded.expected, received = excluded.received,
  requests = excluded.requests, retries = excluded.retries, pages = excluded.pages, bytes = excluded.bytes,
  as_of_at = excluded.as_of_at, reason = excluded.reason, affects = excluded.affects, run_id = excluded.run_id;

-- name: ledger_list
SELECT week, source, part, status, expected, received, requests, retries, pages, bytes, as_of_at, reason, affects
FROM ledger WHERE week = :week ORDER BY source, part;

-- What the configuration does not keep. Scans, findings and their events stay: what is new is told from all of them.

-- name: prune_issue_week
DELETE FROM issue_week WHERE week < :week;

-- name: prune_issue
DELETE FROM issue WHERE coalesce(last_seen_at, seen_at) < :before AND NOT EXISTS (SELECT 1 FROM issue_week w WHERE w.issue_id = issue.id);

-- name: prune_project_day
DELETE FROM project_day WHERE day < substr(:before, 1, 10);

-- name: prune_ci_run
DELETE FROM ci_run WHERE created_at < :before;

-- Runs that were deleted are no longer "listed whole".
-- name: prune_ci_span
UPDATE ci_span SET from_at = :before WHERE from_at < :before AND to_at > :before;

-- name: prune_ci_span_whole
DELETE FROM ci_span WHERE to_at <= :before;

-- name: prune_deployment
DELETE FROM deployment WHERE finished_at < :before OR (finished_at IS NULL AND created_at < :before);

-- name: prune_release
DELETE FROM sentry_release WHERE created_at < :before OR (created_at IS NULL AND seen_at < :before);

-- name: prune_monitor_week
DELETE FROM sentry_monitor_week WHERE week < :week;

-- name: prune_image_push
DELETE FROM image_push WHERE pushed_at < :before;

-- name: prune_message
DELETE FROM message WHERE posted_at < :before;

-- Without its ledger a week counts as not collected: never as one in which nothing happened.
-- name: prune_ledger
DELETE FROM ledger WHERE week < :week;

-- name: prune_fact
DELETE FROM fact WHERE week < :week;

-- name: prune_outbox
DELETE FROM outbox WHERE week < :week;

-- name: prune_digest
DELETE FROM digest WHERE week < :week;

-- Earlier weeks of one part, newest first.
-- name: ledger_history
SELECT week, status, received FROM ledger WHERE source = :source AND part = :part AND week < :week ORDER BY week DESC LIMIT :limit;

-- name: ledger_cost
SELECT sum(requests) AS requests FROM ledger
WHERE source = :source AND week = (SELECT max(week) FROM ledger);
