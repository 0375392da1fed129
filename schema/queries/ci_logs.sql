-- Logs of failed jobs.

-- Of each workflow, on its default branch and elsewhere, the newest run that failed: its first failed job. Those of default branches
-- first, then the newest.
-- name: ci_log_wanted
SELECT f.key, f.repo, f.attempt, (SELECT j.key FROM ci_job j WHERE j.run_id = f.id AND j.attempt = f.attempt AND j.had_runner = 1
    AND j.conclusion IN ('failure', 'timed_out') ORDER BY j.completed_at IS NULL, j.completed_at, j.key LIMIT 1) AS job
FROM (SELECT r.id, r.key, r.repo, r.attempt, r.default_branch, r.created_at,
    row_number() OVER (PARTITION BY r.repo, r.workflow_key, r.default_branch ORDER BY r.created_at DESC, r.key DESC) AS n
  FROM ci_run r WHERE r.created_at >= :from AND r.created_at < :to AND r.source = :source AND r.conclusion IN ('failure', 'timed_out')) f
WHERE f.n = 1 AND job IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ci_log l WHERE l.run_id = f.id AND l.attempt = f.attempt)
ORDER BY f.default_branch DESC, f.created_at DESC, f.key LIMIT :limit;

-- name: ci_log_put
INSERT INTO ci_log (run_id, attempt, job_key, lines, read_at)
SELECT id, :attempt, :job, :lines, :read_at FROM ci_run WHERE source = :source AND key = :key
ON CONFLICT (run_id, attempt) DO UPDATE SET job_key = excluded.job_key, lines = excluded.lines, read_at = excluded.read_at;

-- name: ci_log_list
SELECT l.run_id, l.attempt, l.lines FROM ci_run r CROSS JOIN ci_log l ON l.run_id = r.id
WHERE r.created_at >= :from AND r.created_at < :to AND l.lines IS NOT NULL ORDER BY l.run_id, l.attempt;
