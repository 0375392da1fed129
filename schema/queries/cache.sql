-- Answers kept for conditional requests.

-- name: cache_find
SELECT etag, modified FROM http_cache WHERE key = :key;

-- name: cache_get
SELECT headers, body, bytes FROM http_cache WHERE key = :key;

-- name: cache_put
INSERT INTO http_cache (key, source, etag, modified, headers, body, bytes, seen_at)
VALUES (:key, :source, :etag, :modified, :headers, :body, :bytes, :seen_at)
ON CONFLICT (key) DO UPDATE SET source = excluded.source, etag = excluded.etag, modified = excluded.modified,
  headers = excluded.headers, body = excluded.body, bytes = excluded.bytes, seen_at = excluded.seen_at;

-- name: cache_forget
DELETE FROM http_cache WHERE key = :key;

-- name: cache_touch
UPDATE http_cache SET seen_at = :seen_at WHERE key = :key AND seen_at < :stale;

-- The newest answers that fit under the cap stay.
-- name: cache_trim
DELETE FROM http_cache WHERE key IN (
  SELECT key FROM (SELECT key, sum(length(body)) OVER (ORDER BY seen_at DESC, key) AS upto FROM http_cache) WHERE upto > :max);

-- name: cache_size
SELECT coalesce(sum(length(body)), 0) AS bytes FROM http_cache;

-- name: prune_http_cache
DELETE FROM http_cache WHERE seen_at < :before;
