-- Views for people (Datasette, sqlite3). Made anew at every migration; nothing in the program reads them.

-- One row per week and number of the digest that everyone gets, newest first.
CREATE VIEW week_numbers AS
  SELECT d.week, d.audience, n.id AS number, n.value, n.usual_low, n.usual_high, n.mark, n.incomplete
  FROM number n JOIN digest d ON d.id = n.digest_id ORDER BY d.week DESC, d.audience, n.id;

-- Findings that are open now, worst and oldest first.
CREATE VIEW open_findings AS
  SELECT tool, target, severity, rule, title, path, line, package, fix, first_seen_at, last_seen_at
  FROM finding WHERE state = 'open'
  ORDER BY CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 WHEN 'low' THEN 3 ELSE 4 END, first_seen_at;

-- Workflows whose newest concluded run on the default branch failed.
CREATE VIEW failing_workflows AS
  SELECT repo, workflow, workflow_path, conclusion, created_at AS since_at, url FROM (
    SELECT r.*, row_number() OVER (PARTITION BY source, repo, workflow_key ORDER BY created_at DESC) AS n
    FROM ci_run r WHERE default_branch = 1 AND conclusion IN ('success','failure','timed_out','startup_failure'))
  WHERE n = 1 AND conclusion <> 'success' ORDER BY repo, workflow;

-- Deliveries and what the services answered.
CREATE VIEW deliveries AS
  SELECT week, audience, channel, recipient, state, attempts, answer, updated_at FROM outbox ORDER BY updated_at DESC;
