-- Frozen digests, their artefacts, numbers and items.

-- name: digest_tried
SELECT id, tried FROM digest WHERE week = :week AND audience = :audience;

-- Replaces an untried one: what hangs on the old row goes with it.
-- name: digest_drop
DELETE FROM digest WHERE id = :id AND tried = 0;

-- name: digest_put
INSERT INTO digest (week, audience, sha256, document, frozen_at, version)
VALUES (:week, :audience, :sha256, :document, :frozen_at, :version) RETURNING id;

-- name: digest_get
SELECT id, week, audience, sha256, document, frozen_at, version, tried FROM digest WHERE week = :week AND audience = :audience;

-- name: digest_list
SELECT id, week, audience, sha256, frozen_at, version, tried FROM digest ORDER BY week DESC, audience;

-- name: digest_mark_tried
UPDATE digest SET tried = 1 WHERE week = :week AND audience = :audience;

-- name: digest_is_tried
SELECT tried FROM digest WHERE id = :id;

-- name: artefact_clear
DELETE FROM artefact WHERE digest_id = :digest_id;

-- name: artefact_put
INSERT INTO artefact (digest_id, name, type, sha256, bytes) VALUES (:digest_id, :name, :type, :sha256, :bytes);

-- name: artefact_list
SELECT name, type, bytes FROM artefact WHERE digest_id = :digest_id ORDER BY rowid;

-- name: artefact_names
SELECT name, type, sha256, length(bytes) AS size FROM artefact WHERE digest_id = :digest_id ORDER BY rowid;

-- name: artefact_get
SELECT a.bytes FROM digest d JOIN artefact a ON a.digest_id = d.id
WHERE d.week = :week AND d.audience = :audience AND a.name = :name;

-- name: number_put
INSERT INTO number (digest_id, id, value, usual_low, usual_high, mark, incomplete)
VALUES (:digest_id, :id, :value, :usual_low, :usual_high, :mark, :incomplete);

-- name: number_list
SELECT id, value, usual_low, usual_high, mark, incomplete FROM number WHERE digest_id = :digest_id ORDER BY id;

-- name: number_history
SELECT d.week, n.id, n.value, n.usual_low, n.usual_high, n.mark, n.incomplete
FROM (SELECT id, week FROM digest WHERE audience = :audience AND week < :before ORDER BY week DESC LIMIT :weeks) d
LEFT JOIN number n ON n.digest_id = d.id ORDER BY d.week DESC, n.id;

-- name: item_put
INSERT INTO item (digest_id, id, position, section, kind, key, title, url, owner, first_seen_at, weeks, set_aside, needs_you, counts)
VALUES (:digest_id, :id, :position, :section, :kind, :key, :title, :url, :owner, :first_seen_at, :weeks, :set_aside, :needs_you, :counts);

-- name: counted_put
INSERT INTO counted (digest_id, position, section, kind, key, title, url, owner, at, counts)
VALUES (:digest_id, :position, :section, :kind, :key, :title, :url, :owner, :at, :counts);

-- Printed by "explain", so it speaks of a view only and says all it needs.
-- name: number_rows
SELECT item, section, kind, key, title, url, owner, set_aside, at FROM number_rows
WHERE week = :week AND audience = :audience AND number = :number ORDER BY position;

-- Printed by "explain", too, for what is measured and not counted.
-- name: number_weeks
SELECT week, value, usual_low, usual_high, mark, incomplete FROM week_numbers
WHERE audience = :audience AND number = :number ORDER BY week DESC;

-- In which digests of an audience a thing stood, oldest first.
-- name: item_digests
SELECT d.week, i.id, i.kind, i.set_aside FROM item i JOIN digest d ON d.id = i.digest_id
WHERE i.key = :key AND i.section = :section AND d.audience = :audience ORDER BY d.week;

-- name: item_list
SELECT id, section, kind, key, title, url, owner, first_seen_at, weeks, set_aside, needs_you, counts
FROM item WHERE digest_id = :digest_id ORDER BY position;

-- name: item_weeks
SELECT count(DISTINCT d.week) AS n FROM item i JOIN digest d ON d.id = i.digest_id
WHERE i.key = :key AND i.set_aside IS NULL AND d.audience = :audience AND d.week < :before;

-- How many digests of the audience there were since the first that asked somebody to see to the item; 0: none did.
-- name: item_asked
SELECT count(*) AS n FROM digest x WHERE x.audience = :audience AND x.week < :before AND x.week >=
  (SELECT min(d.week) FROM item i JOIN digest d ON d.id = i.digest_id
   WHERE i.key = :key AND i.needs_you = 1 AND d.audience = :audience AND d.week < :before);
