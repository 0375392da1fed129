-- What one collection leaves for the digest or for the next collection.

-- name: fact_put
INSERT INTO fact (week, source, name, value, happens_at, text) VALUES (:week, :source, :name, :value, :happens_at, :text)
ON CONFLICT (week, source, name) DO UPDATE SET value = excluded.value, happens_at = excluded.happens_at, text = excluded.text;

-- name: fact_forget
DELETE FROM fact WHERE week = :week AND source = :source AND name = :name;

-- name: fact_list
SELECT week, source, name, value, happens_at, text FROM fact WHERE week = :week ORDER BY source, name;

-- name: resolution_put
INSERT INTO sentry_resolution (source, key, resolved_at) VALUES (:source, :key, :resolved_at)
ON CONFLICT (source, key) DO UPDATE SET resolved_at = excluded.resolved_at;

-- name: resolution_get
SELECT resolved_at FROM sentry_resolution WHERE source = :source AND key = :key;

-- name: ci_span_put
INSERT INTO ci_span (source, repo_key, from_at, to_at) VALUES (:source, :repo_key, :from, :to)
ON CONFLICT (source, repo_key) DO UPDATE SET from_at = excluded.from_at, to_at = excluded.to_at;

-- name: ci_span_get
SELECT from_at, to_at FROM ci_span WHERE source = :source AND repo_key = :repo_key;

-- name: ci_attempts_known
SELECT a.attempt, a.conclusion, a.started_at, a.completed_at FROM ci_run r JOIN ci_attempt a ON a.run_id = r.id
WHERE r.source = :source AND r.key = :key ORDER BY a.attempt;
