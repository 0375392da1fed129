-- Sentry's cron monitors and uptime checks.

-- name: monitor_put
INSERT INTO sentry_monitor (source, kind, key, name, project, environment, schedule, target, seen_at)
VALUES (:source, :kind, :key, :name, :project, :environment, :schedule, :target, :seen_at)
ON CONFLICT (source, kind, key) DO UPDATE SET
  name = coalesce(excluded.name, name), project = coalesce(excluded.project, project), environment = excluded.environment,
  schedule = coalesce(excluded.schedule, schedule), target = coalesce(excluded.target, target)
RETURNING id;

-- name: monitor_week_put
INSERT INTO sentry_monitor_week (monitor_id, week, status, muted, last_check_at, next_check_at, ok, missed, timeout, error, unknown)
VALUES (:monitor_id, :week, :status, :muted, :last_check_at, :next_check_at, :ok, :missed, :timeout, :error, :unknown)
ON CONFLICT (monitor_id, week) DO UPDATE SET
  status = excluded.status, muted = excluded.muted, last_check_at = excluded.last_check_at, next_check_at = excluded.next_check_at,
  ok = coalesce(excluded.ok, ok), missed = coalesce(excluded.missed, missed), timeout = coalesce(excluded.timeout, timeout),
  error = coalesce(excluded.error, error), unknown = coalesce(excluded.unknown, unknown);

-- name: monitor_week_forget
DELETE FROM sentry_monitor_week WHERE week = :week
  AND monitor_id IN (SELECT id FROM sentry_monitor WHERE source = :source AND kind = :kind);

-- name: monitor_list
SELECT m.id, m.source, m.kind, m.key, m.name, m.project, m.environment, m.schedule, m.target,
  w.week, w.status, w.muted, w.last_check_at, w.next_check_at, w.ok, w.missed, w.timeout, w.error, w.unknown
FROM sentry_monitor_week w JOIN sentry_monitor m ON m.id = w.monitor_id
WHERE w.week = :week ORDER BY m.source, m.kind, m.name, m.key;
