-- GitHub, beyond lists of runs and deployments: what a failed job's log says, workflows that fell silent, the commits of a deployment.

CREATE TABLE ci_log (                    -- the log of a failed run's first failed job, read once
  run_id INTEGER NOT NULL REFERENCES ci_run(id) ON DELETE CASCADE,
  attempt INTEGER NOT NULL, job_key TEXT NOT NULL,
  lines TEXT,                            -- the few that matter, by line feeds, without secrets; NULL: there is none to be had any more
  read_at TEXT NOT NULL,
  PRIMARY KEY (run_id, attempt)
) STRICT;

CREATE TABLE workflow_silence (          -- workflows without any stored run: what their own list of runs said
  source TEXT NOT NULL, key TEXT NOT NULL, -- as in workflow
  scheduled INTEGER NOT NULL,            -- some of its newest runs were scheduled ones, or its file says that it is
  last_at TEXT,                          -- the newest scheduled run; NULL: none was ever seen
  gap_s INTEGER,                         -- usual time between scheduled runs; NULL: fewer than three were seen
  asked_at TEXT NOT NULL,
  PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE comparison (                -- commits reachable from head and not from base: never changes, asked for once
  id INTEGER PRIMARY KEY,
  repo TEXT NOT NULL, base TEXT NOT NULL, head TEXT NOT NULL,
  commits INTEGER NOT NULL, authors INTEGER, -- authors: how many different ones, NULL unknown; who they are is not kept
  oldest_at TEXT, newest_at TEXT,
  whole INTEGER NOT NULL,                -- 0: the service did not list every commit
  read_at TEXT NOT NULL,
  UNIQUE (repo, base, head)
) STRICT;
CREATE INDEX comparison_read ON comparison(read_at);

CREATE TABLE comparison_commit (         -- when each of them was committed
  comparison_id INTEGER NOT NULL REFERENCES comparison(id) ON DELETE CASCADE,
  position INTEGER NOT NULL, committed_at TEXT NOT NULL,
  PRIMARY KEY (comparison_id, position)
) STRICT;

CREATE TABLE deployment_change (         -- the commits that a deployment brought: base is what was deployed there before
  deployment_id INTEGER NOT NULL UNIQUE REFERENCES deployment(id) ON DELETE CASCADE,
  repo TEXT NOT NULL, base TEXT, head TEXT NOT NULL -- base NULL: nothing earlier is known
) STRICT;
CREATE INDEX deployment_change_pair ON deployment_change(repo, base, head);

CREATE INDEX workflow_repo ON workflow(source, repo);
