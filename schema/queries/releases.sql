-- Sentry's releases.

-- name: release_put
INSERT INTO sentry_release (source, version, status, created_at, released_at, first_event_at, last_event_at, new_issues, commits, deploys,
  authors, seen_at)
VALUES (:source, :version, :status, :created_at, :released_at, :first_event_at, :last_event_at, :new_issues, :commits, :deploys,
  :authors, :seen_at)
ON CONFLICT (source, version) DO UPDATE SET
  status = coalesce(excluded.status, status), created_at = coalesce(excluded.created_at, created_at),
  released_at = coalesce(excluded.released_at, released_at), first_event_at = coalesce(excluded.first_event_at, first_event_at),
  last_event_at = coalesce(excluded.last_event_at, last_event_at), new_issues = coalesce(excluded.new_issues, new_issues),
  commits = coalesce(excluded.commits, commits), deploys = coalesce(excluded.deploys, deploys), authors = coalesce(excluded.authors, authors)
RETURNING id;

-- name: release_project_put
INSERT INTO sentry_release_project (release_id, project_key, project, new_issues) VALUES (:release_id, :project_key, :project, :new_issues)
ON CONFLICT (release_id, project_key) DO UPDATE SET
  project = coalesce(excluded.project, project), new_issues = coalesce(excluded.new_issues, new_issues);

-- name: release_list
SELECT id, source, version, status, created_at, released_at, first_event_at, last_event_at, new_issues, commits, deploys, authors
FROM sentry_release WHERE created_at >= :from AND created_at < :to ORDER BY created_at, source, version;

-- name: release_projects
SELECT project_key, project, new_issues FROM sentry_release_project WHERE release_id = :release_id ORDER BY project_key;
