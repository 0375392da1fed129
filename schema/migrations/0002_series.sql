-- Numbers over time that services keep themselves: CloudWatch widgets, canaries, Sentry performance and release health.

CREATE TABLE series (                    -- one line of one panel
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL, kind TEXT NOT NULL, board TEXT NOT NULL, panel TEXT NOT NULL, label TEXT NOT NULL, -- label '': the panel's only line
  unit TEXT, statistic TEXT, period_s INTEGER, position INTEGER NOT NULL, url TEXT,
  seen_at TEXT NOT NULL,
  UNIQUE (source, kind, board, panel, label)
) STRICT;

CREATE TABLE series_week (               -- how one week's collection of it went; a line without a row was not on its board that week
  series_id INTEGER NOT NULL REFERENCES series(id) ON DELETE CASCADE,
  week TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('complete','partial','failed','not_enabled')), reason TEXT,
  PRIMARY KEY (series_id, week)
) STRICT;
CREATE INDEX series_week_week ON series_week(week);

CREATE TABLE point (                     -- value of the period that begins at "at"; no row: the service has no value there
  series_id INTEGER NOT NULL REFERENCES series(id) ON DELETE CASCADE,
  at TEXT NOT NULL, value REAL NOT NULL,
  PRIMARY KEY (series_id, at)
) STRICT;
