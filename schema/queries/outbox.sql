-- Deliveries and their parts.

-- A row that was never tried follows a digest that was frozen anew.
-- name: outbox_plan
INSERT INTO outbox (week, audience, channel, recipient, digest_sha256, state, created_at, updated_at)
VALUES (:week, :audience, :channel, :recipient, :digest_sha256, 'waiting', :now, :now)
ON CONFLICT (week, audience, channel, recipient) DO UPDATE SET digest_sha256 = excluded.digest_sha256, updated_at = excluded.updated_at
WHERE outbox.state = 'waiting' AND outbox.attempts = 0 AND outbox.digest_sha256 <> excluded.digest_sha256;

-- name: outbox_list
SELECT id, week, audience, channel, recipient, digest_sha256, state, attempts, answer, reference, created_at, updated_at
FROM outbox WHERE :audience IS NULL OR audience = :audience
ORDER BY week, audience, channel, recipient;

-- name: outbox_list_week
SELECT id, week, audience, channel, recipient, digest_sha256, state, attempts, answer, reference, created_at, updated_at
FROM outbox WHERE week = :week AND (:audience IS NULL OR audience = :audience)
ORDER BY week, audience, channel, recipient;

-- name: outbox_get
SELECT week, audience, state FROM outbox WHERE id = :id;

-- name: outbox_set
UPDATE outbox SET state = :state, attempts = attempts + :attempt, answer = coalesce(:answer, answer),
  reference = coalesce(:reference, reference), updated_at = :now WHERE id = :id;

-- name: outbox_recover
UPDATE outbox SET state = 'unknown', answer = :answer, updated_at = :now WHERE state = 'sending';

-- name: outbox_part_list
SELECT part, state, reference FROM outbox_part WHERE outbox_id = :outbox_id ORDER BY part;

-- name: outbox_part_set
INSERT INTO outbox_part (outbox_id, part, state, reference, updated_at) VALUES (:outbox_id, :part, :state, :reference, :now)
ON CONFLICT (outbox_id, part) DO UPDATE SET
  state = excluded.state, reference = coalesce(excluded.reference, reference), updated_at = excluded.updated_at;

-- name: outbox_part_drop
DELETE FROM outbox_part WHERE outbox_id = :outbox_id AND part = :part;
