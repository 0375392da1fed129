-- What a deployment brought: the commits between it and the one before.

-- name: comparison_put
INSERT INTO comparison (repo, base, head, commits, authors, oldest_at, newest_at, whole, read_at)
VALUES (:repo, :base, :head, :commits, :authors, :oldest_at, :newest_at, :whole, :read_at)
ON CONFLICT (repo, base, head) DO UPDATE SET commits = excluded.commits, authors = excluded.authors, oldest_at = excluded.oldest_at,
  newest_at = excluded.newest_at, whole = excluded.whole, read_at = excluded.read_at
RETURNING id;

-- name: comparison_clear
DELETE FROM comparison_commit WHERE comparison_id = :id;

-- name: comparison_commit_put
INSERT INTO comparison_commit (comparison_id, position, committed_at) VALUES (:id, :position, :committed_at);

-- name: comparison_known
SELECT id FROM comparison WHERE repo = :repo AND base = :base AND head = :head AND whole = 1;

-- name: change_put
INSERT INTO deployment_change (deployment_id, repo, base, head)
SELECT id, :repo, :base, :head FROM deployment WHERE source = :source AND kind = :kind AND key = :key
ON CONFLICT (deployment_id) DO UPDATE SET repo = excluded.repo, base = excluded.base, head = excluded.head;

-- name: change_list
SELECT d.id AS deployment_id, d.source, d.kind, d.key, h.repo, h.base, h.head,
  c.id AS comparison_id, c.commits, c.authors, c.oldest_at, c.newest_at, c.whole
FROM deployment d CROSS JOIN deployment_change h ON h.deployment_id = d.id
LEFT JOIN comparison c ON c.repo = h.repo AND c.base = h.base AND c.head = h.head
WHERE d.finished_at >= :from AND d.finished_at < :to ORDER BY d.id;

-- name: change_commits
SELECT d.id AS deployment_id, m.committed_at
FROM deployment d CROSS JOIN deployment_change h ON h.deployment_id = d.id
CROSS JOIN comparison c ON c.repo = h.repo AND c.base = h.base AND c.head = h.head
CROSS JOIN comparison_commit m ON m.comparison_id = c.id
WHERE d.finished_at >= :from AND d.finished_at < :to ORDER BY d.id, m.position;

-- The repository whose workflow ran on a commit; none where two have it.
-- name: commit_repo
SELECT repo FROM ci_run WHERE created_at >= :since AND source = :source AND substr(sha, 1, length(:sha)) = :sha
GROUP BY repo ORDER BY repo LIMIT 2;

-- name: prune_comparison
DELETE FROM comparison WHERE read_at < :before AND NOT EXISTS (SELECT 1 FROM deployment_change h
  WHERE h.repo = comparison.repo AND h.base = comparison.base AND h.head = comparison.head);
