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
