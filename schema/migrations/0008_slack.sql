-- The notifications channel read back: posts, and what each of them tells of.

CREATE TABLE message (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL, channel TEXT NOT NULL, ts TEXT NOT NULL, -- ts: Slack's id of it in the channel, never a number
  kind TEXT NOT NULL CHECK (kind IN ('sentry','deployment','run','scan','alarm','dag','other')),
  sender TEXT, text TEXT,                -- both NULL: from a person, whose name and words are not kept
  posted_at TEXT NOT NULL, edited_at TEXT, seen_at TEXT NOT NULL,
  UNIQUE (source, channel, ts)
) STRICT;
CREATE INDEX message_posted ON message(posted_at);

CREATE TABLE message_told (              -- one thing a post tells of; a scanner's post tells of several scans
  message_id INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  subject TEXT, place TEXT, state TEXT, key TEXT, code TEXT, tool TEXT, detail TEXT, url TEXT,
  critical INTEGER, high INTEGER, medium INTEGER, low INTEGER, info INTEGER, total INTEGER, -- of a scan
  PRIMARY KEY (message_id, position)
) STRICT;

-- A post names an issue by its number or its short id alone.
CREATE INDEX issue_key ON issue(key);
CREATE INDEX issue_short_id ON issue(short_id);
