-- Scans and the life of each finding; acceptances.

-- name: scan_same
SELECT id, status FROM scan WHERE tool = :tool AND target = :target AND scanned_at = :scanned_at AND sha256 = :sha256;

-- name: scan_before
SELECT max(scanned_at) AS newest_at,
  (SELECT s.findings FROM scan s WHERE s.tool = :tool AND s.target = :target AND s.scope = :scope AND s.applied = 1
     AND s.status IN ('ok','zero') ORDER BY s.scanned_at DESC, s.id DESC LIMIT 1) AS whole_findings,
  (SELECT s.tool_version FROM scan s WHERE s.tool = :tool AND s.target = :target AND s.scope = :scope AND s.applied = 1
     AND s.status IN ('ok','zero') ORDER BY s.scanned_at DESC, s.id DESC LIMIT 1) AS whole_version,
  (SELECT s.rules FROM scan s WHERE s.tool = :tool AND s.target = :target AND s.scope = :scope AND s.applied = 1
     AND s.status IN ('ok','zero') ORDER BY s.scanned_at DESC, s.id DESC LIMIT 1) AS whole_rules
FROM scan WHERE tool = :tool AND target = :target AND scope = :scope AND applied = 1 AND status IN ('ok','zero','partial');

-- name: scan_put
INSERT INTO scan (source, tool, target, scope, format, origin, sha256, applied, status, reason, tool_version, rules, scanned_at, seen_at,
  baseline, findings, critical, high, medium, low, info, suppressed, instances, first_site)
VALUES (:source, :tool, :target, :scope, :format, :origin, :sha256, :applied, :status, :reason, :tool_version, :rules, :scanned_at, :seen_at,
  :baseline, :findings, :critical, :high, :medium, :low, :info, :suppressed, :instances, :first_site);

-- name: scan_forget
DELETE FROM scan WHERE id = :id;

-- name: scan_list
SELECT id, source, tool, target, scope, format, origin, sha256, status, reason, tool_version, scanned_at, baseline,
  findings, critical, high, medium, low, info, suppressed, instances, first_site
FROM scan WHERE scanned_at >= :from_at AND scanned_at < :to_at ORDER BY tool, target, scanned_at, id;

-- name: scan_applied_list
SELECT id, tool, target, scope, scanned_at FROM scan INDEXED BY scan_scanned WHERE applied = 1 AND scanned_at < :to_at
ORDER BY tool, target, scope, scanned_at, id;

-- name: finding_states
SELECT id, identity, coarse, strong, context, line, state FROM finding WHERE tool = :tool AND target = :target AND scope = :scope ORDER BY identity;

-- name: finding_open_count
SELECT count(*) AS n FROM finding WHERE tool = :tool AND target = :target AND scope = :scope AND state = 'open';

-- name: finding_put
INSERT INTO finding (tool, target, scope, identity, severity, word, rule, title, path, line, url, package, fix, cwe, cve, message,
  occurrences, state, baseline, first_seen_at, last_seen_at, coarse, strong, context, cvss, epss)
VALUES (:tool, :target, :scope, :identity, :severity, :word, :rule, :title, :path, :line, :url, :package, :fix, :cwe, :cve, :message,
  :occurrences, 'open', :baseline, :seen_at, :seen_at, :coarse, :strong, :context, :cvss, :epss);

-- name: finding_seen
UPDATE finding SET severity = :severity, word = :word, rule = :rule, title = :title, path = :path, line = :line, url = :url,
  package = :package, fix = :fix, cwe = :cwe, cve = :cve, message = :message, occurrences = :occurrences,
  coarse = :coarse, strong = :strong, context = :context, cvss = :cvss, epss = :epss,
  state = 'open', fixed_at = NULL, last_seen_at = :seen_at, reopened_at = coalesce(:reopened_at, reopened_at)
WHERE id = :id;

-- name: finding_fixed
UPDATE finding SET state = 'fixed', fixed_at = :fixed_at WHERE id = :id;

-- name: finding_event_put
INSERT INTO finding_event (finding_id, scan_id, kind, reason, happened_at) VALUES (:finding_id, :scan_id, :kind, :reason, :happened_at);

-- name: finding_replay
SELECT f.id, f.tool, f.target, f.scope, f.identity, f.severity, f.word, f.rule, f.title, f.path, f.line, f.url, f.package, f.fix,
  f.cwe, f.cve, f.message, f.occurrences, f.last_seen_at, e.id AS event_id, e.kind, e.scan_id, e.reason, e.happened_at
FROM finding f JOIN finding_event e ON e.finding_id = f.id
WHERE (f.state = 'open' OR (f.state = 'fixed' AND f.fixed_at >= :from_at) OR (f.state = 'set_aside' AND f.set_aside_at >= :from_at))
  AND e.happened_at < :to_at
ORDER BY f.id, e.happened_at, e.id;

-- name: acceptance_put
INSERT INTO acceptance (key, until_at, reason, created_at) VALUES (:key, :until_at, :reason, :created_at)
ON CONFLICT (key) DO UPDATE SET until_at = excluded.until_at, reason = excluded.reason, created_at = excluded.created_at;

-- name: acceptance_list
SELECT key, until_at, reason, created_at FROM acceptance INDEXED BY acceptance_until WHERE until_at > :at AND created_at <= :at ORDER BY key;
