-- Alarms, canaries, status pages.

-- name: alarm_forget_states
UPDATE alarm SET state = NULL, state_at = NULL, reason = NULL WHERE source = :source AND region = :region;

-- name: alarm_put
INSERT INTO alarm (source, region, name, type, description, url, state, state_at, reason, seen_at)
VALUES (:source, :region, :name, :type, :description, :url, :state, :state_at, :reason, :seen_at)
ON CONFLICT (source, region, name) DO UPDATE SET
  type = excluded.type, description = excluded.description, url = excluded.url,
  state = excluded.state, state_at = excluded.state_at, reason = excluded.reason;

-- An alarm that is gone is known from its history alone.
-- name: alarm_know
INSERT INTO alarm (source, region, name, type, seen_at) VALUES (:source, :region, :name, :type, :seen_at)
ON CONFLICT (source, region, name) DO NOTHING;

-- name: alarm_change_put
INSERT INTO alarm_change (alarm_id, from_state, to_state, changed_at, reason)
VALUES ((SELECT id FROM alarm WHERE source = :source AND region = :region AND name = :name), :from_state, :to_state, :changed_at, :reason)
ON CONFLICT (alarm_id, changed_at, to_state) DO UPDATE SET from_state = excluded.from_state, reason = excluded.reason;

-- name: alarm_list
SELECT id, source, region, name, type, description, url, state, state_at, reason FROM alarm
WHERE id IN (SELECT id FROM alarm WHERE state > '' UNION SELECT alarm_id FROM alarm_change WHERE changed_at >= :from AND changed_at < :to)
ORDER BY source, name, region;

-- name: alarm_changes
SELECT from_state, to_state, changed_at, reason FROM alarm_change
WHERE alarm_id = :alarm_id AND changed_at >= :from ORDER BY changed_at, id;

-- name: canary_forget
DELETE FROM canary_week WHERE week = :week AND source = :source;

-- name: canary_put
INSERT INTO canary_week (source, name, week, state, schedule, url, runs, failed, percent, basis, reason, failed_at, seen_at)
VALUES (:source, :name, :week, :state, :schedule, :url, :runs, :failed, :percent, :basis, :reason, :failed_at, :seen_at)
ON CONFLICT (source, name, week) DO UPDATE SET
  state = excluded.state, schedule = excluded.schedule, url = excluded.url, runs = excluded.runs, failed = excluded.failed,
  percent = excluded.percent, basis = excluded.basis, reason = excluded.reason, failed_at = excluded.failed_at, seen_at = excluded.seen_at;

-- name: canary_list
SELECT source, name, week, state, schedule, url, runs, failed, percent, basis, reason, failed_at
FROM canary_week WHERE week = :week ORDER BY source, name;

-- name: availability_forget
DELETE FROM availability_week WHERE week = :week AND source = :source;

-- name: availability_put
INSERT INTO availability_week (source, slug, week, name, url, state, minutes_down, percent, basis, response_ms, seen_at)
VALUES (:source, :slug, :week, :name, :url, :state, :minutes_down, :percent, :basis, :response_ms, :seen_at)
ON CONFLICT (source, slug, week) DO UPDATE SET
  name = excluded.name, url = excluded.url, state = excluded.state, minutes_down = excluded.minutes_down, percent = excluded.percent,
  basis = excluded.basis, response_ms = excluded.response_ms, seen_at = excluded.seen_at;

-- name: availability_list
SELECT source, slug, week, name, url, state, minutes_down, percent, basis, response_ms
FROM availability_week WHERE week = :week ORDER BY source, slug;

-- The lines a board had when it was last read, failed for this week.
-- name: board_miss
INSERT INTO series_week (series_id, week, status, reason)
SELECT s.id, :week, 'failed', :reason FROM series s JOIN series_week w ON w.series_id = s.id
WHERE s.source = :source AND s.kind = 'widget' AND s.board = :board AND w.status <> 'not_enabled' AND w.week =
  (SELECT max(x.week) FROM series t JOIN series_week x ON x.series_id = t.id
   WHERE t.source = :source AND t.kind = 'widget' AND t.board = :board AND x.week < :week)
ON CONFLICT (series_id, week) DO NOTHING;

-- name: prune_alarm_change
DELETE FROM alarm_change WHERE changed_at < :before;

-- name: prune_alarm
DELETE FROM alarm WHERE state IS NULL AND seen_at < :before AND NOT EXISTS (SELECT 1 FROM alarm_change c WHERE c.alarm_id = alarm.id);

-- name: prune_canary_week
DELETE FROM canary_week WHERE week < :week;

-- name: prune_availability_week
DELETE FROM availability_week WHERE week < :week;
