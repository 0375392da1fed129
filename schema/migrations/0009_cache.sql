-- Answers that a service can confirm unchanged by a word (304): what a rerun is spared. Nothing here is a fact of its own; all of it may go.

CREATE TABLE http_cache (
  key TEXT PRIMARY KEY,                  -- SHA-256 over the address, the kind of answer and who asked: names neither
  source TEXT NOT NULL,
  etag TEXT, modified TEXT,              -- what to ask with, verbatim
  headers TEXT NOT NULL,                 -- those that belong to the body ("Link: …" and the like), a line each
  body BLOB NOT NULL, bytes INTEGER NOT NULL, -- gzip; bytes: unpacked
  seen_at TEXT NOT NULL                  -- last used, to the day
) STRICT;
CREATE INDEX http_cache_seen ON http_cache(seen_at);
