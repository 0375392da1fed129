-- Sentry beyond its issues: releases, cron monitors and uptime checks.

CREATE TABLE sentry_release (            -- a version that Sentry was told of
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL, version TEXT NOT NULL, status TEXT,
  created_at TEXT, released_at TEXT, first_event_at TEXT, last_event_at TEXT,
  new_issues INTEGER, commits INTEGER, deploys INTEGER, authors INTEGER,
  seen_at TEXT NOT NULL,
  UNIQUE (source, version)
) STRICT;
CREATE INDEX sentry_release_created ON sentry_release(created_at);

CREATE TABLE sentry_release_project (    -- the projects a release belongs to; new_issues: of this project
  release_id INTEGER NOT NULL REFERENCES sentry_release(id) ON DELETE CASCADE,
  project_key TEXT NOT NULL, project TEXT, new_issues INTEGER,
  PRIMARY KEY (release_id, project_key)
) STRICT;

CREATE TABLE sentry_monitor (            -- what Sentry watches: a cron job that checks in, or an address that it calls
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('cron','uptime')), key TEXT NOT NULL,
  name TEXT, project TEXT, environment TEXT, schedule TEXT, target TEXT, -- target: the address, without query and user
  seen_at TEXT NOT NULL,
  UNIQUE (source, kind, key)
) STRICT;

CREATE TABLE sentry_monitor_week (       -- its state at collection and the week's check-ins; counts NULL: not known
  monitor_id INTEGER NOT NULL REFERENCES sentry_monitor(id) ON DELETE CASCADE,
  week TEXT NOT NULL,
  status TEXT, muted INTEGER NOT NULL, last_check_at TEXT, next_check_at TEXT,
  ok INTEGER, missed INTEGER, timeout INTEGER, error INTEGER, unknown INTEGER,
  PRIMARY KEY (monitor_id, week)
) STRICT;
CREATE INDEX sentry_monitor_week_week ON sentry_monitor_week(week);
