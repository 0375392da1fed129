-- What a number counts, and finding it again: the rows behind each number of a frozen digest, and the words of all digests.

-- Ids of the numbers that an item counts in, blank-separated; NULL: in none, or frozen before this was recorded.
ALTER TABLE item ADD COLUMN counts TEXT;

CREATE TABLE counted (                   -- what counts in a number without being an item: a run that went well, a scan
  digest_id INTEGER NOT NULL REFERENCES digest(id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  section TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, title TEXT NOT NULL, url TEXT, owner TEXT, at TEXT,
  counts TEXT NOT NULL,                  -- as item.counts
  PRIMARY KEY (digest_id, position)
) STRICT;

-- Id: year and week (202646) times 10,000,000 plus a count, so that of two equally good hits the newer one has the larger rowid.
CREATE TABLE search_row (                -- what "search" finds: an item, a section's wording or the verdict of a frozen digest
  id INTEGER PRIMARY KEY,
  digest_id INTEGER NOT NULL REFERENCES digest(id) ON DELETE CASCADE,
  kind TEXT NOT NULL,                    -- the item's kind, "section" or "verdict"
  section TEXT NOT NULL,                 -- "" for the verdict
  item TEXT,                             -- its id in that digest
  title TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE INDEX search_row_digest ON search_row(digest_id, kind);

CREATE VIRTUAL TABLE search USING fts5(title, body, content = 'search_row', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2');
CREATE TRIGGER search_row_put AFTER INSERT ON search_row BEGIN
  INSERT INTO search (rowid, title, body) VALUES (new.id, new.title, new.body);
END;
CREATE TRIGGER search_row_drop AFTER DELETE ON search_row BEGIN
  INSERT INTO search (search, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
END;

-- Items of digests that are frozen already; their wording and verdicts are read at the next freezing, which knows XML.
INSERT INTO search_row (id, digest_id, kind, section, item, title, body)
  SELECT (substr(d.week, 1, 4) * 100 + substr(d.week, 7, 2)) * 10000000 + row_number() OVER (PARTITION BY d.week ORDER BY d.id, i.position),
    d.id, i.kind, i.section, i.id, i.title, i.key || coalesce(char(10) || i.owner, '')
  FROM item i JOIN digest d ON d.id = i.digest_id;
