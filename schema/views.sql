-- Views for people (Datasette, sqlite3). Made anew at every migration; in the program only "explain" reads one.

-- One row per week and number of the digest that everyone gets, newest first.
CREATE VIEW week_numbers AS
  SELECT d.week, d.audience, n.id AS number, n.value, n.usual_low, n.usual_high, n.mark, n.incomplete
  FROM number n JOIN digest d ON d.id = n.digest_id ORDER BY d.week DESC, d.audience, n.id;

-- The rows that each number of a digest counts: the digest's items, and what counts without being one (a run that went well, a workflow
-- that is failing, a scan; their item is NULL). For a number that is a count there are as many rows as its value says; for a sum, a rate or
-- a duration they are the rows it was worked out from.
CREATE VIEW number_rows AS
  SELECT d.week, d.audience, n.id AS number, i.id AS item, i.section, i.kind, i.key, i.title, i.url, i.owner, i.set_aside,
    i.first_seen_at AS at, i.position
  FROM digest d JOIN number n ON n.digest_id = d.id
  JOIN item i ON i.digest_id = d.id AND instr(' ' || i.counts || ' ', ' ' || n.id || ' ') > 0
  UNION ALL
  SELECT d.week, d.audience, n.id, NULL, c.section, c.kind, c.key, c.title, c.url, c.owner, NULL, c.at, 1000000 + c.position
  FROM digest d JOIN number n ON n.digest_id = d.id
  JOIN counted c ON c.digest_id = d.id AND instr(' ' || c.counts || ' ', ' ' || n.id || ' ') > 0;

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

-- The pipeline status: each workflow's last run with a verdict on its default branch, how many in a row ended so (and since when), the
-- first step that failed, how long the run took, its commit, and whether the workflow is switched off.
CREATE VIEW pipeline_status AS
  WITH verdict AS (
    SELECT r.*, CASE conclusion WHEN 'success' THEN 'passed' ELSE 'failed' END AS state
    FROM ci_run r WHERE default_branch = 1 AND conclusion IN ('success','failure','timed_out','startup_failure')),
  numbered AS (
    SELECT v.*, row_number() OVER (PARTITION BY source, repo, workflow_key ORDER BY created_at DESC, key DESC) AS n,
      row_number() OVER (PARTITION BY source, repo, workflow_key, state ORDER BY created_at DESC, key DESC) AS k FROM verdict v),
  streak AS (                            -- the newest runs, while each of them ended as the newest did
    SELECT source, repo, workflow_key, count(*) AS streak, min(created_at) AS since_at FROM numbered WHERE n = k
    GROUP BY source, repo, workflow_key)
  SELECT n.repo, coalesce(w.name, n.workflow) AS workflow, n.workflow_path, n.state, s.streak, s.since_at,
    (SELECT j.failed_step FROM ci_job j WHERE j.run_id = n.id AND j.attempt = n.attempt AND j.failed_step IS NOT NULL
      ORDER BY j.started_at, j.key LIMIT 1) AS first_failed_step,
    unixepoch(n.completed_at) - unixepoch(n.started_at) AS elapsed_s, substr(n.sha, 1, 7) AS "commit", n.created_at AS last_run_at,
    coalesce(w.state, 'active') <> 'active' AS switched_off, n.url
  FROM numbered n JOIN streak s ON s.source = n.source AND s.repo = n.repo AND s.workflow_key IS n.workflow_key
  LEFT JOIN workflow w ON w.source = n.source AND w.key = n.workflow_key
  WHERE n.n = 1 ORDER BY n.state, s.streak DESC, n.repo, workflow;

-- Deliveries and what the services answered.
CREATE VIEW deliveries AS
  SELECT week, audience, channel, recipient, state, attempts, answer, updated_at FROM outbox ORDER BY updated_at DESC;
