-- What watches the services: CloudWatch alarms, Synthetics canaries, status pages.

CREATE TABLE alarm (                     -- a CloudWatch alarm as it was when it was last listed
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
  type TEXT, description TEXT, url TEXT,
  state TEXT, state_at TEXT, reason TEXT, -- state since state_at; NULL: gone, known from its history alone
  seen_at TEXT NOT NULL,
  UNIQUE (source, region, name)
) STRICT;
CREATE INDEX alarm_state ON alarm(state, seen_at);

CREATE TABLE alarm_change (              -- one change of an alarm's state
  id INTEGER PRIMARY KEY,
  alarm_id INTEGER NOT NULL REFERENCES alarm(id) ON DELETE CASCADE,
  from_state TEXT, to_state TEXT NOT NULL, changed_at TEXT NOT NULL, reason TEXT,
  UNIQUE (alarm_id, changed_at, to_state)
) STRICT;
CREATE INDEX alarm_change_changed ON alarm_change(changed_at);

CREATE TABLE canary_week (               -- how one week of a Synthetics canary went; counts and percent NULL: not known
  source TEXT NOT NULL, name TEXT NOT NULL, week TEXT NOT NULL,
  state TEXT, schedule TEXT, url TEXT,   -- state at the collection: RUNNING, STOPPED, …
  runs INTEGER, failed INTEGER, percent REAL, -- a run that passed on a retry has passed
  basis TEXT CHECK (basis IN ('metric','runs')), -- what counted: CloudWatch's SuccessPercent or the runs themselves
  reason TEXT, failed_at TEXT,           -- of the newest failed run that is known
  seen_at TEXT NOT NULL,
  PRIMARY KEY (source, name, week)
) STRICT;
CREATE INDEX canary_week_week ON canary_week(week);

CREATE TABLE availability_week (         -- one site of a status page in one week; percent NULL: not known
  source TEXT NOT NULL, slug TEXT NOT NULL, week TEXT NOT NULL,
  name TEXT, url TEXT, state TEXT,       -- state at the collection: up, down, degraded
  minutes_down INTEGER, percent REAL,
  basis TEXT CHECK (basis IN ('minutes','page')), -- minutes down of the week's days, or the page's own figure of seven days
  response_ms INTEGER, seen_at TEXT NOT NULL,
  PRIMARY KEY (source, slug, week)
) STRICT;
CREATE INDEX availability_week_week ON availability_week(week);
