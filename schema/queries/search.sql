-- Finding again what any frozen digest said.

-- Every digest that is taken in has one row of its verdict.
-- name: search_missing
SELECT id, week, document FROM digest d
WHERE NOT EXISTS (SELECT 1 FROM search_row r WHERE r.digest_id = d.id AND r.kind = 'verdict') ORDER BY id;

-- Between base and end: the ids of one week.
-- name: search_put
INSERT INTO search_row (id, digest_id, kind, section, item, title, body)
VALUES (coalesce((SELECT max(id) FROM search_row WHERE id BETWEEN :base AND :end), :base) + 1, :digest_id, :kind, :section, NULL, :title, :body);

-- name: search_put_items
INSERT INTO search_row (id, digest_id, kind, section, item, title, body)
SELECT coalesce((SELECT max(id) FROM search_row WHERE id BETWEEN :base AND :end), :base) + row_number() OVER (ORDER BY i.position),
  i.digest_id, i.kind, i.section, i.id, i.title, i.key || coalesce(char(10) || i.owner, '')
FROM item i WHERE i.digest_id = :digest_id
  AND NOT EXISTS (SELECT 1 FROM search_row r WHERE r.digest_id = :digest_id AND r.item IS NOT NULL);

-- name: search_count
SELECT count(*) AS n FROM search WHERE search MATCH :query;

-- The oldest of so many of the newest rows that match.
-- name: search_floor
SELECT rowid AS id FROM search WHERE search MATCH :query ORDER BY rowid DESC LIMIT 1 OFFSET :most - 1;

-- name: search_best
SELECT r.id, d.week, d.audience, r.kind, r.section, r.item, r.title
FROM (SELECT rowid AS id, bm25(search, 8.0, 1.0) AS badness FROM search WHERE search MATCH :query AND rowid >= :floor
      ORDER BY badness, rowid DESC LIMIT :limit) h
JOIN search_row r ON r.id = h.id JOIN digest d ON d.id = r.digest_id ORDER BY h.badness, r.id DESC;

-- Apart, because it is worked out for each row that it is asked of.
-- name: search_snippet
SELECT snippet(search, 1, '', '', '…', 32) AS words FROM search WHERE search MATCH :query AND rowid = :id;
