-- Posts of a notifications channel.

-- name: message_put
INSERT INTO message (source, channel, ts, kind, sender, text, posted_at, edited_at, seen_at)
VALUES (:source, :channel, :ts, :kind, :sender, :text, :posted_at, :edited_at, :seen_at)
ON CONFLICT (source, channel, ts) DO UPDATE SET kind = excluded.kind, sender = excluded.sender, text = excluded.text,
  edited_at = excluded.edited_at
RETURNING id;

-- name: message_told_forget
DELETE FROM message_told WHERE message_id = :message_id;

-- name: message_told_put
INSERT INTO message_told (message_id, position, subject, place, state, key, code, tool, detail, url, critical, high, medium, low, info, total)
VALUES (:message_id, :position, :subject, :place, :state, :key, :code, :tool, :detail, :url, :critical, :high, :medium, :low, :info, :total);

-- name: message_drop
DELETE FROM message WHERE source = :source AND channel = :channel AND ts = :ts;

-- name: message_ids
SELECT ts FROM message WHERE posted_at >= :from AND posted_at < :to AND source = :source AND channel = :channel ORDER BY ts;

-- name: message_list
SELECT m.id, m.source, m.channel, m.ts, m.kind, m.sender, m.text, m.posted_at, m.edited_at,
  t.position, t.subject, t.place, t.state, t.key, t.code, t.tool, t.detail, t.url, t.critical, t.high, t.medium, t.low, t.info, t.total
FROM message m LEFT JOIN message_told t ON t.message_id = m.id
WHERE m.posted_at >= :from AND m.posted_at < :to ORDER BY m.posted_at, m.source, m.channel, m.ts, t.position;

-- What another source knows under the key that the post gives.

-- name: message_issue_known
SELECT EXISTS (SELECT 1 FROM issue WHERE key = :key OR short_id = :code) AS known;

-- name: message_run_known
SELECT EXISTS (SELECT 1 FROM ci_run r WHERE r.created_at >= :from AND r.created_at < :to AND (
  r.key = :key OR (:code <> '' AND r.sha = :code AND r.repo = :repo COLLATE NOCASE))) AS known;

-- A post is made some seconds after the change, a repeated one minutes. region '': not said.
-- name: message_alarm_known
SELECT EXISTS (SELECT 1 FROM alarm_change c JOIN alarm a ON a.id = c.alarm_id
  WHERE c.changed_at >= :from AND c.changed_at < :to AND c.to_state = :state AND a.name = :name
  AND (:region = '' OR a.region = :region)) AS known;

-- Without a run's number: by repository (with or without its owner) and workflow.
-- name: message_workflow_known
SELECT EXISTS (SELECT 1 FROM ci_run r WHERE r.created_at >= :from AND r.created_at < :to
  AND (r.repo = :repo COLLATE NOCASE OR substr(r.repo, instr(r.repo, '/') + 1) = :repo COLLATE NOCASE)
  AND r.workflow = :workflow COLLATE NOCASE) AS known;
