-- GitHub: repositories, workflows, runs with attempts and jobs.

-- name: repo_put
INSERT INTO repo (source, key, name, default_branch, url, archived, disabled, fork, gone, seen_at)
VALUES (:source, :key, :name, :default_branch, :url, :archived, :disabled, :fork, :gone, :seen_at)
ON CONFLICT (source, key) DO UPDATE SET
  name = excluded.name, default_branch = coalesce(excluded.default_branch, default_branch), url = coalesce(excluded.url, url),
  archived = excluded.archived, disabled = excluded.disabled, fork = excluded.fork, gone = excluded.gone;

-- name: repo_list
SELECT id, source, key, name, default_branch, url, archived, disabled, fork, gone FROM repo ORDER BY name, source;

-- name: workflow_put
INSERT INTO workflow (source, key, repo, name, path, state, url, seen_at)
VALUES (:source, :key, :repo, :name, :path, :state, :url, :seen_at)
ON CONFLICT (source, key) DO UPDATE SET
  repo = excluded.repo, name = coalesce(excluded.name, name), path = coalesce(excluded.path, path),
  state = coalesce(excluded.state, state), url = coalesce(excluded.url, url);

-- name: workflow_list
SELECT w.id, w.source, w.key, w.repo, w.name, w.path, w.state, w.url, s.last_at, s.gap_s,
  (coalesce(s.scheduled, 0) OR coalesce(w.state, '') = 'disabled_inactivity'
    OR EXISTS (SELECT 1 FROM ci_run r WHERE r.source = w.source AND r.repo = w.repo AND r.workflow_key = w.key AND r.event = 'schedule'))
  AS scheduled
FROM workflow w LEFT JOIN workflow_silence s ON s.source = w.source AND s.key = w.key ORDER BY w.repo, w.path, w.key, w.source;

-- name: workflow_any
SELECT EXISTS (SELECT 1 FROM workflow WHERE source = :source AND repo = :repo) AS has;

-- name: workflow_silent
SELECT w.key FROM workflow w
WHERE w.source = :source AND w.repo = :repo AND coalesce(w.path, '') NOT LIKE 'dynamic/%'
  AND NOT EXISTS (SELECT 1 FROM ci_run r WHERE r.source = w.source AND r.repo = w.repo AND r.workflow_key = w.key)
  AND NOT EXISTS (SELECT 1 FROM workflow_silence s WHERE s.source = w.source AND s.key = w.key AND s.asked_at >= :asked_since)
ORDER BY w.key;

-- name: workflow_silence_put
INSERT INTO workflow_silence (source, key, scheduled, last_at, gap_s, asked_at)
VALUES (:source, :key, :scheduled, :last_at, :gap_s, :asked_at)
ON CONFLICT (source, key) DO UPDATE SET
  scheduled = excluded.scheduled, last_at = excluded.last_at, gap_s = excluded.gap_s, asked_at = excluded.asked_at;

-- name: ci_schedule
SELECT created_at FROM ci_run
WHERE source = :source AND repo = :repo AND workflow_key = :key AND event = 'schedule' AND created_at < :to
ORDER BY created_at DESC LIMIT :limit;

-- A page read before a re-run began must not undo what is known of the later attempt.
-- name: ci_run_put
INSERT INTO ci_run (source, key, repo, workflow_key, workflow_path, workflow, title, event, branch, sha, status, conclusion, url,
  number, attempt, default_branch, created_at, started_at, completed_at, committed_at, seen_at)
VALUES (:source, :key, :repo, :workflow_key, :workflow_path, :workflow, :title, :event, :branch, :sha, :status, :conclusion, :url,
  :number, :attempt, :default_branch, :created_at, :started_at, :completed_at, :committed_at, :seen_at)
ON CONFLICT (source, key) DO UPDATE SET
  repo = excluded.repo, workflow_key = coalesce(excluded.workflow_key, workflow_key),
  workflow_path = coalesce(excluded.workflow_path, workflow_path), workflow = coalesce(excluded.workflow, workflow),
  title = coalesce(excluded.title, title), event = coalesce(excluded.event, event), branch = coalesce(excluded.branch, branch),
  sha = coalesce(excluded.sha, sha), status = excluded.status, conclusion = excluded.conclusion, url = coalesce(excluded.url, url),
  number = coalesce(excluded.number, number), attempt = excluded.attempt, default_branch = excluded.default_branch,
  created_at = excluded.created_at, started_at = excluded.started_at, completed_at = excluded.completed_at,
  committed_at = coalesce(excluded.committed_at, committed_at)
WHERE excluded.attempt >= ci_run.attempt;

-- name: ci_attempt_put
INSERT INTO ci_attempt (run_id, attempt, conclusion, started_at, completed_at)
SELECT id, :attempt, :conclusion, :started_at, :completed_at FROM ci_run WHERE source = :source AND key = :key
ON CONFLICT (run_id, attempt) DO UPDATE SET
  conclusion = excluded.conclusion, started_at = excluded.started_at, completed_at = excluded.completed_at;

-- name: ci_run_id
SELECT id FROM ci_run WHERE source = :source AND key = :key;

-- name: ci_job_clear
DELETE FROM ci_job WHERE run_id = :run_id AND attempt = :attempt;

-- name: ci_job_put
INSERT INTO ci_job (run_id, attempt, key, name, conclusion, url, started_at, completed_at, failed_step, steps, had_runner)
VALUES (:run_id, :attempt, :key, :name, :conclusion, :url, :started_at, :completed_at, :failed_step, :steps, :had_runner)
ON CONFLICT (run_id, attempt, key) DO UPDATE SET
  name = excluded.name, conclusion = excluded.conclusion, url = excluded.url, started_at = excluded.started_at,
  completed_at = excluded.completed_at, failed_step = excluded.failed_step, steps = excluded.steps, had_runner = excluded.had_runner;

-- name: ci_run_get
SELECT id, source, key, repo, workflow_key, workflow_path, workflow, title, event, branch, sha, status, conclusion, url,
  number, attempt, default_branch, created_at, started_at, completed_at, committed_at
FROM ci_run WHERE source = :source AND key = :key;

-- name: ci_run_unsettled
SELECT id, source, key, repo, workflow_key, workflow_path, workflow, title, event, branch, sha, status, conclusion, url,
  number, attempt, default_branch, created_at, started_at, completed_at, committed_at
FROM ci_run WHERE created_at >= :since AND source = :source AND (conclusion IS NULL OR conclusion <> 'success')
ORDER BY created_at, key;

-- name: ci_run_list
SELECT id, source, key, repo, workflow_key, workflow_path, workflow, title, event, branch, sha, status, conclusion, url,
  number, attempt, default_branch, created_at, started_at, completed_at, committed_at
FROM ci_run WHERE created_at >= :from AND created_at < :to
ORDER BY repo, workflow_path, workflow, created_at, key, source;

-- name: ci_attempt_list
SELECT a.run_id, a.attempt, a.conclusion, a.started_at, a.completed_at
FROM ci_run r CROSS JOIN ci_attempt a ON a.run_id = r.id
WHERE r.created_at >= :from AND r.created_at < :to ORDER BY a.run_id, a.attempt;

-- name: ci_job_list
SELECT j.run_id, j.attempt, j.key, j.name, j.conclusion, j.url, j.started_at, j.completed_at, j.failed_step, j.steps, j.had_runner
FROM ci_run r CROSS JOIN ci_job j ON j.run_id = r.id
WHERE r.created_at >= :from AND r.created_at < :to ORDER BY j.run_id, j.attempt, j.started_at, j.key;
