-- Alert lists: findings that a service keeps itself, with dates of its own, and that somebody may set aside there.
-- finding and finding_event are rebuilt for the wider checks: the child first, so that dropping the old ones cascades to nothing.

CREATE TABLE finding_next (              -- one thing a scanner or an alert list found, and what became of it
  id INTEGER PRIMARY KEY,
  tool TEXT NOT NULL, target TEXT NOT NULL, scope TEXT NOT NULL, identity TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('critical','high','medium','low','info')), word TEXT,
  rule TEXT, title TEXT, path TEXT, line INTEGER, url TEXT, package TEXT, fix TEXT, cwe TEXT, cve TEXT, message TEXT,
  occurrences INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open','fixed','set_aside')), -- set_aside: accepted or a false positive, neither open nor fixed
  baseline INTEGER NOT NULL,             -- first seen in the baseline scan: never "new"
  first_seen_at TEXT NOT NULL, last_seen_at TEXT NOT NULL, fixed_at TEXT, reopened_at TEXT,
  set_aside_at TEXT, set_aside TEXT,     -- set_aside: why, "dismissed: false positive"
  UNIQUE (tool, target, scope, identity)
) STRICT;
INSERT INTO finding_next (id, tool, target, scope, identity, severity, word, rule, title, path, line, url, package, fix, cwe, cve, message,
  occurrences, state, baseline, first_seen_at, last_seen_at, fixed_at, reopened_at)
SELECT id, tool, target, scope, identity, severity, word, rule, title, path, line, url, package, fix, cwe, cve, message,
  occurrences, state, baseline, first_seen_at, last_seen_at, fixed_at, reopened_at FROM finding;

CREATE TABLE finding_event_next (        -- each on its own date; the numbers of a week are counted here
  id INTEGER PRIMARY KEY,
  finding_id INTEGER NOT NULL REFERENCES finding_next(id) ON DELETE CASCADE,
  scan_id INTEGER REFERENCES scan(id) ON DELETE CASCADE, -- NULL: told by an alert list, the date is the alert's own
  kind TEXT NOT NULL CHECK (kind IN ('baseline','new','fixed','reopened','held','set_aside')),
  reason TEXT,                           -- of set_aside
  happened_at TEXT NOT NULL,
  UNIQUE (finding_id, scan_id, kind)
) STRICT;
INSERT INTO finding_event_next (id, finding_id, scan_id, kind, happened_at)
SELECT id, finding_id, scan_id, kind, happened_at FROM finding_event;

DROP TABLE finding_event;
DROP TABLE finding;
ALTER TABLE finding_next RENAME TO finding;
ALTER TABLE finding_event_next RENAME TO finding_event;
CREATE INDEX finding_state ON finding(state, fixed_at);
CREATE INDEX finding_set_aside ON finding(state, set_aside_at);
CREATE INDEX finding_event_happened ON finding_event(happened_at);
CREATE INDEX finding_event_scan ON finding_event(scan_id);
CREATE UNIQUE INDEX finding_event_own ON finding_event(finding_id, kind, happened_at) WHERE scan_id IS NULL;

CREATE TABLE alert_list (                -- how far an alert list was read; target: "owner/repo", or "owner" for an organisation's
  source TEXT NOT NULL, tool TEXT NOT NULL, target TEXT NOT NULL,
  read_at TEXT NOT NULL,                 -- every change before it is stored
  whole_at TEXT NOT NULL,                -- when last every open alert was listed
  PRIMARY KEY (source, tool, target)
) STRICT, WITHOUT ROWID;

CREATE TABLE scan_artifact (             -- Actions artefacts that were read: each is downloaded once
  source TEXT NOT NULL, key TEXT NOT NULL, repo TEXT NOT NULL, name TEXT NOT NULL,
  created_at TEXT NOT NULL, read_at TEXT NOT NULL,
  reports INTEGER NOT NULL,              -- scan reports in it that could be used
  reason TEXT,                           -- what was wrong with it, NULL nothing
  PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;
