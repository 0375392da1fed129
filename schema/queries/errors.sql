-- Sentry: projects, issues, what each week said of an issue, events per day.

-- name: project_put
INSERT INTO sentry_project (source, key, slug, name, platform, seen_at) VALUES (:source, :key, :slug, :name, :platform, :seen_at)
ON CONFLICT (source, key) DO UPDATE SET
  slug = excluded.slug, name = coalesce(excluded.name, name), platform = coalesce(excluded.platform, platform);

-- name: issue_put
INSERT INTO issue (source, key, short_id, project_key, project, title, culprit, url, level, category, type,
  status, substatus, priority, assignee, first_seen_at, last_seen_at, total_events, total_users, seen_at)
VALUES (:source, :key, :short_id, :project_key, :project, :title, :culprit, :url, :level, :category, :type,
  :status, :substatus, :priority, :assignee, :first_seen_at, :last_seen_at, :total_events, :total_users, :seen_at)
ON CONFLICT (source, key) DO UPDATE SET
  short_id = coalesce(excluded.short_id, short_id), project_key = coalesce(excluded.project_key, project_key),
  project = coalesce(excluded.project, project), title = coalesce(excluded.title, title),
  culprit = coalesce(excluded.culprit, culprit), url = coalesce(excluded.url, url), level = coalesce(excluded.level, level),
  category = coalesce(excluded.category, category), type = coalesce(excluded.type, type),
  status = coalesce(excluded.status, status), substatus = coalesce(excluded.substatus, substatus),
  priority = coalesce(excluded.priority, priority), assignee = coalesce(excluded.assignee, assignee),
  first_seen_at = coalesce(excluded.first_seen_at, first_seen_at), last_seen_at = coalesce(excluded.last_seen_at, last_seen_at),
  total_events = coalesce(excluded.total_events, total_events), total_users = coalesce(excluded.total_users, total_users)
RETURNING id;

-- name: issue_week_put
INSERT INTO issue_week (issue_id, week, status, substatus, environment, release, env_first_seen_at, first_event_at, last_event_at,
  events, users, last_day_events, regressed_at, escalated_at, resolved_at)
VALUES (:issue_id, :week, :status, :substatus, :environment, :release, :env_first_seen_at, :first_event_at, :last_event_at,
  :events, :users, :last_day_events, :regressed_at, :escalated_at, :resolved_at)
ON CONFLICT (issue_id, week) DO UPDATE SET
  status = coalesce(excluded.status, status), substatus = coalesce(excluded.substatus, substatus),
  environment = coalesce(excluded.environment, environment), release = coalesce(excluded.release, release),
  env_first_seen_at = coalesce(excluded.env_first_seen_at, env_first_seen_at),
  first_event_at = coalesce(excluded.first_event_at, first_event_at), last_event_at = coalesce(excluded.last_event_at, last_event_at),
  events = coalesce(excluded.events, events), users = coalesce(excluded.users, users),
  last_day_events = coalesce(excluded.last_day_events, last_day_events),
  regressed_at = coalesce(excluded.regressed_at, regressed_at), escalated_at = coalesce(excluded.escalated_at, escalated_at),
  resolved_at = coalesce(excluded.resolved_at, resolved_at);

-- name: issue_week_forget
DELETE FROM issue_week WHERE week = :week AND issue_id IN (SELECT id FROM issue WHERE source = :source);

-- name: issue_list
SELECT i.id, i.source, i.key, i.short_id, i.project_key, i.project, i.title, i.culprit, i.url, i.level, i.category, i.type,
  coalesce(w.status, i.status) AS status, CASE WHEN w.status IS NULL THEN i.substatus ELSE w.substatus END AS substatus,
  i.priority, i.assignee, i.first_seen_at, i.last_seen_at, i.total_events, i.total_users,
  w.week, w.environment, w.release, w.env_first_seen_at, w.first_event_at, w.last_event_at,
  w.events, w.users, w.last_day_events, w.regressed_at, w.escalated_at, w.resolved_at
FROM issue_week w JOIN issue i ON i.id = w.issue_id
WHERE w.week = :week ORDER BY w.events DESC, i.key, i.source;

-- When issues that the weeks list were first seen, each once; env_first_seen_at where the environments have their own.
-- name: issue_firsts
SELECT min(coalesce(w.env_first_seen_at, i.first_seen_at)) AS first_at, i.project
FROM issue_week w JOIN issue i ON i.id = w.issue_id
WHERE w.week >= :from_week AND w.week <= :to_week
GROUP BY i.id HAVING first_at >= :from_at AND first_at < :to_at ORDER BY first_at;

-- name: issue_events_list
SELECT week, issue_id, events FROM issue_week WHERE week >= :from_week AND week < :to_week AND events IS NOT NULL
ORDER BY week, issue_id;

-- name: project_day_put
INSERT INTO project_day (source, project, day, events) VALUES (:source, :project, :day, :events)
ON CONFLICT (source, project, day) DO UPDATE SET events = excluded.events;

-- name: project_day_list
SELECT source, project, day, events FROM project_day WHERE day >= :from_day AND day < :to_day ORDER BY source, project, day;
