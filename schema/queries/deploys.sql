-- Deployments of every kind, and image pushes.

-- name: deployment_put
INSERT INTO deployment (source, kind, key, service, repo, environment, sha, ref, image, state, created_at, started_at, finished_at,
  creator_kind, error_code, error, url, rollback_of, detail, seen_at)
VALUES (:source, :kind, :key, :service, :repo, :environment, :sha, :ref, :image, :state, :created_at, :started_at, :finished_at,
  :creator_kind, :error_code, :error, :url, :rollback_of, :detail, :seen_at)
ON CONFLICT (source, kind, key) DO UPDATE SET
  service = coalesce(excluded.service, service), repo = coalesce(excluded.repo, repo),
  environment = coalesce(excluded.environment, environment), sha = coalesce(excluded.sha, sha), ref = coalesce(excluded.ref, ref),
  image = coalesce(excluded.image, image), state = excluded.state, created_at = excluded.created_at,
  started_at = excluded.started_at, finished_at = excluded.finished_at, creator_kind = coalesce(excluded.creator_kind, creator_kind),
  error_code = excluded.error_code, error = excluded.error, url = coalesce(excluded.url, url),
  rollback_of = coalesce(excluded.rollback_of, rollback_of), detail = coalesce(excluded.detail, detail);

-- Two ranges by their own index, where coalesce(finished_at, created_at) would read every row.
-- name: deployment_list
SELECT id, source, kind, key, service, repo, environment, sha, ref, image, state, created_at, started_at, finished_at,
  creator_kind, error_code, error, url, rollback_of, detail, finished_at AS at
FROM deployment WHERE finished_at >= :from AND finished_at < :to
UNION ALL
SELECT id, source, kind, key, service, repo, environment, sha, ref, image, state, created_at, started_at, finished_at,
  creator_kind, error_code, error, url, rollback_of, detail, created_at
FROM deployment WHERE finished_at IS NULL AND created_at >= :from AND created_at < :to
ORDER BY at, source, kind, key;

-- name: deployment_unfinished
SELECT id, source, kind, key, service, repo, environment, sha, ref, image, state, created_at, started_at, finished_at,
  creator_kind, error_code, error, url, rollback_of, detail
FROM deployment WHERE created_at >= :since AND source = :source AND state IN ('in_progress', 'waiting')
ORDER BY created_at, kind, key;

-- name: image_put
INSERT INTO image_push (source, repository, digest, environment, tags, sha, pushed_at, bytes, seen_at)
VALUES (:source, :repository, :digest, :environment, :tags, :sha, :pushed_at, :bytes, :seen_at)
ON CONFLICT (source, repository, digest) DO UPDATE SET
  environment = coalesce(excluded.environment, environment), tags = excluded.tags, sha = coalesce(excluded.sha, sha),
  pushed_at = excluded.pushed_at, bytes = coalesce(excluded.bytes, bytes);

-- name: image_list
SELECT source, repository, digest, environment, tags, sha, pushed_at, bytes FROM image_push
WHERE pushed_at >= :from AND pushed_at < :to ORDER BY pushed_at, source, repository, digest;

-- Told by Sentry, and by nobody else around that time with that commit.
-- name: deployment_alone
SELECT EXISTS (SELECT 1 FROM deployment d WHERE d.source = :source AND d.kind = 'sentry' AND d.finished_at >= :since
  AND (d.sha IS NULL OR NOT EXISTS (SELECT 1 FROM deployment o
    WHERE o.finished_at BETWEEN strftime('%Y-%m-%dT%H:%M:%SZ', d.finished_at, '-3 hours') AND strftime('%Y-%m-%dT%H:%M:%SZ', d.finished_at, '+3 hours')
    AND o.kind <> 'sentry' AND (o.sha IS NULL OR lower(substr(o.sha, 1, 7)) = lower(substr(d.sha, 1, 7)))))) AS alone;
