-- The store's first form. Times are ISO 8601 UTC text ("2026-11-09T00:00:00Z"), columns named *_at; counts are NULL when unknown.
-- A table with a foreign key keeps its rowid: sqlite3's ".lint fkey-indexes" sees no index in WITHOUT ROWID.
-- Every collected row has a natural key, so that collecting again changes nothing, and seen_at: when we saw it first.

CREATE TABLE run (                       -- one per start of the program that writes
  id INTEGER PRIMARY KEY,
  command TEXT NOT NULL, week TEXT, version TEXT NOT NULL,
  started_at TEXT NOT NULL, ended_at TEXT,
  exit_status INTEGER, summary TEXT
) STRICT;

CREATE TABLE ledger (                    -- promise 1: what was asked for, expected and received
  week TEXT NOT NULL, source TEXT NOT NULL, part TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('complete','partial','failed','not_enabled')),
  expected INTEGER, received INTEGER NOT NULL,
  requests INTEGER NOT NULL, retries INTEGER NOT NULL, pages INTEGER NOT NULL, bytes INTEGER NOT NULL,
  as_of_at TEXT NOT NULL, reason TEXT, affects TEXT NOT NULL,
  run_id INTEGER REFERENCES run(id) ON DELETE SET NULL,
  PRIMARY KEY (week, source, part)
) STRICT;
CREATE INDEX ledger_run ON ledger(run_id);

CREATE TABLE sentry_project (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL, key TEXT NOT NULL, slug TEXT NOT NULL, name TEXT, platform TEXT, seen_at TEXT NOT NULL,
  UNIQUE (source, key)
) STRICT;

CREATE TABLE issue (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL, key TEXT NOT NULL, short_id TEXT, project_key TEXT, project TEXT,
  title TEXT, culprit TEXT, url TEXT, level TEXT, category TEXT, type TEXT,
  status TEXT, substatus TEXT, priority TEXT, assignee TEXT,
  first_seen_at TEXT, last_seen_at TEXT, total_events INTEGER, total_users INTEGER,
  seen_at TEXT NOT NULL,
  UNIQUE (source, key)
) STRICT;

CREATE TABLE issue_week (                -- what one week's collection said of an issue
  issue_id INTEGER NOT NULL REFERENCES issue(id) ON DELETE CASCADE,
  week TEXT NOT NULL,
  status TEXT, substatus TEXT, environment TEXT, release TEXT,
  env_first_seen_at TEXT, first_event_at TEXT, last_event_at TEXT,
  events INTEGER, users INTEGER, last_day_events INTEGER,
  regressed_at TEXT, escalated_at TEXT, resolved_at TEXT,
  PRIMARY KEY (issue_id, week)
) STRICT;
CREATE INDEX issue_week_week ON issue_week(week);

CREATE TABLE project_day (
  source TEXT NOT NULL, project TEXT NOT NULL, day TEXT NOT NULL, events INTEGER NOT NULL,
  PRIMARY KEY (source, project, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX project_day_day ON project_day(day);

CREATE TABLE sentry_resolution (         -- newest resolution known of an issue, also of those that no week lists: spares asking again
  source TEXT NOT NULL, key TEXT NOT NULL, resolved_at TEXT NOT NULL,
  PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE fact (                      -- what a source told of one week that is no row of its own: errors.users, token_expires
  week TEXT NOT NULL, source TEXT NOT NULL, name TEXT NOT NULL,
  value INTEGER, happens_at TEXT, text TEXT,
  PRIMARY KEY (week, source, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE repo (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, default_branch TEXT, url TEXT,
  archived INTEGER NOT NULL, disabled INTEGER NOT NULL, fork INTEGER NOT NULL, gone INTEGER NOT NULL,
  seen_at TEXT NOT NULL,
  UNIQUE (source, key)
) STRICT;

CREATE TABLE workflow (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL, key TEXT NOT NULL, repo TEXT NOT NULL, name TEXT, path TEXT, state TEXT, url TEXT,
  seen_at TEXT NOT NULL,
  UNIQUE (source, key)
) STRICT;

CREATE TABLE ci_run (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL, key TEXT NOT NULL, repo TEXT NOT NULL,
  workflow_key TEXT, workflow_path TEXT, workflow TEXT, title TEXT,
  event TEXT, branch TEXT, sha TEXT, status TEXT, conclusion TEXT, url TEXT,
  number INTEGER, attempt INTEGER NOT NULL, default_branch INTEGER NOT NULL,
  created_at TEXT NOT NULL, started_at TEXT, completed_at TEXT, committed_at TEXT, seen_at TEXT NOT NULL,
  UNIQUE (source, key)
) STRICT;
CREATE INDEX ci_run_created ON ci_run(created_at);
CREATE INDEX ci_run_workflow ON ci_run(source, repo, workflow_key, created_at);

CREATE TABLE ci_span (                   -- runs of the repository created in [from_at, to_at) were listed whole
  source TEXT NOT NULL, repo_key TEXT NOT NULL, from_at TEXT NOT NULL, to_at TEXT NOT NULL,
  PRIMARY KEY (source, repo_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE ci_attempt (
  run_id INTEGER NOT NULL REFERENCES ci_run(id) ON DELETE CASCADE,
  attempt INTEGER NOT NULL, conclusion TEXT, started_at TEXT, completed_at TEXT,
  PRIMARY KEY (run_id, attempt)
) STRICT;

CREATE TABLE ci_job (
  run_id INTEGER NOT NULL REFERENCES ci_run(id) ON DELETE CASCADE,
  attempt INTEGER NOT NULL, key TEXT NOT NULL, name TEXT, conclusion TEXT, url TEXT,
  started_at TEXT, completed_at TEXT, failed_step TEXT, steps INTEGER NOT NULL, had_runner INTEGER NOT NULL,
  PRIMARY KEY (run_id, attempt, key)
) STRICT;

CREATE TABLE deployment (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
  service TEXT, repo TEXT, environment TEXT, sha TEXT, ref TEXT, image TEXT,
  state TEXT NOT NULL CHECK (state IN ('succeeded','failed','rolled_back','in_progress','waiting')),
  created_at TEXT NOT NULL, started_at TEXT, finished_at TEXT,
  creator_kind TEXT, error_code TEXT, error TEXT, url TEXT, rollback_of TEXT, detail TEXT,
  seen_at TEXT NOT NULL,
  UNIQUE (source, kind, key)
) STRICT;
CREATE INDEX deployment_created ON deployment(created_at);
CREATE INDEX deployment_unfinished ON deployment(created_at) WHERE finished_at IS NULL;
CREATE INDEX deployment_finished ON deployment(finished_at);

CREATE TABLE image_push (
  source TEXT NOT NULL, repository TEXT NOT NULL, digest TEXT NOT NULL, environment TEXT,
  tags TEXT NOT NULL, sha TEXT, pushed_at TEXT NOT NULL, bytes INTEGER, seen_at TEXT NOT NULL,
  PRIMARY KEY (source, repository, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_push_sha ON image_push(sha);
CREATE INDEX image_push_pushed ON image_push(pushed_at);

CREATE TABLE scan (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL, tool TEXT NOT NULL, target TEXT NOT NULL, scope TEXT NOT NULL, -- scope: part of the target, '' all of it
  format TEXT NOT NULL, origin TEXT NOT NULL, sha256 TEXT NOT NULL,
  applied INTEGER NOT NULL,              -- 0: came after a newer one of its scope was there, changed no finding
  status TEXT NOT NULL, reason TEXT, tool_version TEXT, scanned_at TEXT NOT NULL, seen_at TEXT NOT NULL, baseline INTEGER NOT NULL,
  findings INTEGER NOT NULL, critical INTEGER NOT NULL, high INTEGER NOT NULL, medium INTEGER NOT NULL, low INTEGER NOT NULL,
  info INTEGER NOT NULL, suppressed INTEGER NOT NULL, instances INTEGER, first_site INTEGER,
  UNIQUE (tool, target, scanned_at, sha256)
) STRICT;
CREATE INDEX scan_scanned ON scan(scanned_at);

CREATE TABLE finding (
  id INTEGER PRIMARY KEY,
  tool TEXT NOT NULL, target TEXT NOT NULL, scope TEXT NOT NULL, identity TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('critical','high','medium','low','info')), word TEXT,
  rule TEXT, title TEXT, path TEXT, line INTEGER, url TEXT, package TEXT, fix TEXT, cwe TEXT, cve TEXT, message TEXT,
  occurrences INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open','fixed')),
  baseline INTEGER NOT NULL,             -- first seen in the baseline scan: never "new"
  first_seen_at TEXT NOT NULL, last_seen_at TEXT NOT NULL, fixed_at TEXT, reopened_at TEXT,
  UNIQUE (tool, target, scope, identity)
) STRICT;
CREATE INDEX finding_state ON finding(state, fixed_at);

CREATE TABLE finding_event (             -- each on its own date; the numbers of a week are counted here
  id INTEGER PRIMARY KEY,
  finding_id INTEGER NOT NULL REFERENCES finding(id) ON DELETE CASCADE,
  scan_id INTEGER NOT NULL REFERENCES scan(id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('baseline','new','fixed','reopened','held')),
  happened_at TEXT NOT NULL,
  UNIQUE (finding_id, scan_id, kind)
) STRICT;
CREATE INDEX finding_event_happened ON finding_event(happened_at);
CREATE INDEX finding_event_scan ON finding_event(scan_id);

CREATE TABLE acceptance (                -- sitrep accept KEY --until DATE --reason TEXT
  key TEXT NOT NULL PRIMARY KEY, until_at TEXT NOT NULL, reason TEXT NOT NULL, created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX acceptance_until ON acceptance(until_at);

CREATE TABLE digest (                    -- frozen documents; immutable once any delivery was tried
  id INTEGER PRIMARY KEY,
  week TEXT NOT NULL, audience TEXT NOT NULL, sha256 TEXT NOT NULL, document BLOB NOT NULL,
  frozen_at TEXT NOT NULL, version TEXT NOT NULL, tried INTEGER NOT NULL DEFAULT 0,
  UNIQUE (week, audience)
) STRICT;

CREATE TABLE artefact (                  -- the rendered bytes that are sent and archived
  digest_id INTEGER NOT NULL REFERENCES digest(id) ON DELETE CASCADE,
  name TEXT NOT NULL, type TEXT NOT NULL, sha256 TEXT NOT NULL, bytes BLOB NOT NULL,
  UNIQUE (digest_id, name)
) STRICT;                                -- with a rowid: the bytes are far larger than a page

CREATE TABLE number (                    -- the contract's numbers of a frozen digest: history and usual ranges come from here
  digest_id INTEGER NOT NULL REFERENCES digest(id) ON DELETE CASCADE,
  id TEXT NOT NULL, value REAL, usual_low REAL, usual_high REAL, mark TEXT, incomplete INTEGER NOT NULL,
  PRIMARY KEY (digest_id, id)
) STRICT;
CREATE INDEX number_id ON number(id);

CREATE TABLE item (
  digest_id INTEGER NOT NULL REFERENCES digest(id) ON DELETE CASCADE,
  id TEXT NOT NULL, position INTEGER NOT NULL, -- the order the digest gave them
  section TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, title TEXT NOT NULL, url TEXT, owner TEXT,
  first_seen_at TEXT, weeks INTEGER, set_aside TEXT, needs_you INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (digest_id, id)
) STRICT;
CREATE INDEX item_key ON item(key);

CREATE TABLE outbox (                    -- promise 4: the key is (week, audience, channel, recipient), never a run
  id INTEGER PRIMARY KEY,
  week TEXT NOT NULL, audience TEXT NOT NULL, channel TEXT NOT NULL CHECK (channel IN ('email','slack','directory')),
  recipient TEXT NOT NULL, digest_sha256 TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting','sending','sent','refused','unknown')),
  attempts INTEGER NOT NULL DEFAULT 0, answer TEXT, reference TEXT, -- reference: Slack ts, SMTP queue id
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
  UNIQUE (week, audience, channel, recipient)
) STRICT;

CREATE TABLE outbox_part (               -- Slack: one row per posted message of a delivery, so that a crash posts none twice
  outbox_id INTEGER NOT NULL REFERENCES outbox(id) ON DELETE CASCADE,
  part INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN ('sending','sent','unknown')), reference TEXT, updated_at TEXT NOT NULL,
  PRIMARY KEY (outbox_id, part)
) STRICT;
