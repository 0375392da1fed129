-- Numbers over time.

-- name: series_put
INSERT INTO series (source, kind, board, panel, label, unit, statistic, period_s, position, url, seen_at)
VALUES (:source, :kind, :board, :panel, :label, :unit, :statistic, :period_s, :position, :url, :seen_at)
ON CONFLICT (source, kind, board, panel, label) DO UPDATE SET
  unit = excluded.unit, statistic = excluded.statistic, period_s = excluded.period_s, position = excluded.position, url = excluded.url
RETURNING id;

-- name: series_week_put
INSERT INTO series_week (series_id, week, status, reason) VALUES (:series_id, :week, :status, :reason)
ON CONFLICT (series_id, week) DO UPDATE SET status = excluded.status, reason = excluded.reason;

-- name: series_forget
DELETE FROM series_week WHERE week = :week AND series_id IN (SELECT id FROM series WHERE source = :source AND kind = :kind);

-- name: series_points_forget
DELETE FROM point WHERE series_id = :series_id AND at >= :from AND at < :to;

-- name: series_point_put
INSERT INTO point (series_id, at, value) VALUES (:series_id, :at, :value)
ON CONFLICT (series_id, at) DO UPDATE SET value = excluded.value;

-- name: series_list
SELECT s.id, s.source, s.kind, s.board, s.panel, s.label, s.unit, s.statistic, s.period_s, s.position, s.url, w.week, w.status, w.reason
FROM series s JOIN series_week w ON w.series_id = s.id
WHERE w.week = :week AND (:kind IS NULL OR s.kind = :kind) ORDER BY s.source, s.kind, s.board, s.position, s.panel, s.label;

-- name: series_points
SELECT at, value FROM point WHERE series_id = :series_id AND at >= :from AND at < :to ORDER BY at;
