-- Alert lists: findings with dates of their own, how far a list was read, artefacts that were read.

-- name: alert_get
SELECT id, state, first_seen_at, fixed_at, set_aside_at FROM finding
WHERE tool = :tool AND target = :target AND scope = '' AND identity = :identity;

-- name: alert_put
INSERT INTO finding (tool, target, scope, identity, severity, word, rule, title, path, line, url, package, fix, cwe, cve, message,
  occurrences, state, baseline, first_seen_at, last_seen_at, fixed_at, set_aside_at, set_aside)
VALUES (:tool, :target, '', :identity, :severity, :word, :rule, :title, :path, :line, :url, :package, :fix, :cwe, :cve, :message,
  1, :state, 0, :first_seen_at, :seen_at, :fixed_at, :set_aside_at, :set_aside);

-- name: alert_update
UPDATE finding SET severity = :severity, word = :word, rule = :rule, title = :title, path = :path, line = :line, url = :url,
  package = :package, fix = :fix, cwe = :cwe, cve = :cve, message = :message, state = :state, last_seen_at = :seen_at,
  fixed_at = :fixed_at, set_aside_at = :set_aside_at, set_aside = :set_aside, reopened_at = coalesce(:reopened_at, reopened_at)
WHERE id = :id;

-- name: alert_set_aside
UPDATE finding SET state = 'set_aside', fixed_at = NULL, set_aside_at = :at, set_aside = :reason WHERE id = :id;

-- name: alert_event_put
INSERT INTO finding_event (finding_id, kind, reason, happened_at) VALUES (:finding_id, :kind, :reason, :happened_at)
ON CONFLICT (finding_id, kind, happened_at) WHERE scan_id IS NULL DO NOTHING;

-- name: alert_open_list
SELECT identity FROM finding WHERE tool = :tool AND target = :target AND scope = '' AND state = 'open' ORDER BY identity;

-- name: alert_rename
UPDATE OR IGNORE finding SET target = :new WHERE tool = :tool AND target = :old;

-- name: alert_list_get
SELECT read_at, whole_at FROM alert_list WHERE source = :source AND tool = :tool AND target = :target;

-- name: alert_list_put
INSERT INTO alert_list (source, tool, target, read_at, whole_at) VALUES (:source, :tool, :target, :read_at, :whole_at)
ON CONFLICT (source, tool, target) DO UPDATE SET read_at = excluded.read_at, whole_at = excluded.whole_at;

-- name: scan_artifact_get
SELECT reports, reason FROM scan_artifact WHERE source = :source AND key = :key;

-- name: scan_artifact_put
INSERT INTO scan_artifact (source, key, repo, name, created_at, read_at, reports, reason)
VALUES (:source, :key, :repo, :name, :created_at, :read_at, :reports, :reason)
ON CONFLICT (source, key) DO UPDATE SET read_at = excluded.read_at, reports = excluded.reports, reason = excluded.reason;

-- name: scan_artifact_runs
SELECT EXISTS (SELECT 1 FROM ci_run WHERE source = :source AND repo = :repo AND created_at >= :from_at AND created_at < :to_at) AS any_run;
