#include "services/estate.h"

#include "base/parse.h"
#include "base/text.h"

/* The stories of the newest week, which other files count on: "Build the national database" fails
 * from Wednesday on; Test of request-api on main fails from Thursday on; the evening pipeline fails
 * on Friday; four jobs lose their runner on Wednesday afternoon; brownfield's collection recovers
 * on Tuesday; issue-export was disabled and the backup of design-system does not start any more.
 * Random failures keep two quiet commits behind them inside their week, so that how a run is
 * classed never depends on when it was collected. */

enum { DAY_S = 86400 };

static const struct job_spec test_jobs[] = {
	{"lint", {"Set up job", "Check out", "Install", "Run linters", "Complete job"}},
	{"unit", {"Set up job", "Check out", "Install", "Run unit tests", "Complete job"}},
	{"integration",
	 {"Set up job", "Check out", "Start services", "Run integration tests", "Complete job"}},
};
static const struct job_spec publish_jobs[] = {
	{"build", {"Set up job", "Check out", "Build image", "Push image to ECR", "Complete job"}},
	{"deploy", {"Set up job", "Wait for approval", "Start deployment", "Complete job"}},
};
static const struct job_spec builder_jobs[] = {
	{"build",
	 {"Set up job", "download-issues", "load-datasets", "publish-database", "Complete job"}},
};
static const struct job_spec collection_jobs[] = {
	{"build", {"Set up job", "collect", "transform", "save-dataset", "Complete job"}},
	{"check-pipeline-errors", {"Set up job", "Report errors", "Complete job"}},
};
static const struct job_spec evening_jobs[] = {
	{"merge", {"Set up job", "merge", "Complete job"}},
	{"batch-assign", {"Set up job", "batch-assign", "Complete job"}},
	{"upload-s3", {"Set up job", "upload", "Complete job"}},
};
static const struct job_spec scan_jobs[] = {
	{"static-audit", {"Set up job", "Check out", "Run static audit", "Complete job"}},
	{"dynamic-audit", {"Set up job", "Check out", "Start the site", "Run ZAP", "Complete job"}},
};
static const struct job_spec small_jobs[] = {
	{"run", {"Set up job", "Check out", "Run", "Complete job"}},
};

static const struct repo repo_table[] = {
	{.name = "web",
	 .language = "Python",
	 .actions = true,
	 .service = true,
	 .github_deploys = true},
	{.name = "submit",
	 .language = "JavaScript",
	 .actions = true,
	 .service = true,
	 .github_deploys = true},
	{.name = "request-api", .language = "Python", .actions = true, .service = true},
	{.name = "request-processor", .language = "Python", .actions = true, .service = true},
	{.name = "tiles", .language = "Python", .actions = true, .service = true},
	{.name = "design-system",
	 .language = "JavaScript",
	 .actions = true,
	 .github_deploys = true},
	{.name = "pipelines", .language = "Python", .actions = true, .github_deploys = true},
	{.name = "infrastructure", .language = "HCL", .actions = true},
	{.name = "data-builder", .language = "Python", .actions = true},
	{.name = "config", .language = "Python", .actions = true},
	{.name = "brownfield-collection", .language = "Makefile", .actions = true},
	{.name = "tree-collection", .language = "Makefile", .actions = true},
	{.name = "conservation-collection", .language = "Makefile", .actions = true},
	{.name = "issue-export", .language = "Python", .actions = true},
	{.name = "land-research", .language = "Python", .closed = true, .actions = true},
	{.name = "specification", .language = "HTML"},
	{.name = "technical-notes", .language = "HTML"},
	{.name = "brand", .language = "HTML"},
	{.name = "canaries", .language = "JavaScript"},
	{.name = "entity-tools", .language = "Python"},
	{.name = "expectations", .language = "Python"},
	{.name = "file-store", .language = "Python"},
	{.name = "geometry", .language = "Python"},
	{.name = "local-plans", .language = "JavaScript"},
	{.name = "makerules", .language = "Makefile"},
	{.name = "monitoring", .language = "HCL"},
	{.name = "notebooks", .language = "Jupyter Notebook"},
	{.name = "organisations", .language = "Makefile"},
	{.name = "patterns", .language = "HTML"},
	{.name = "performance", .language = "Python"},
	{.name = "provision", .language = "Python"},
	{.name = "schema", .language = "Python"},
	{.name = "status", .language = "HTML"},
	{.name = "templates", .language = "Makefile"},
	{.name = "validator-fork", .language = "Python", .fork = true},
	{.name = "old-frontend", .language = "Ruby", .archived = true},
	{.name = "old-collector", .language = "Python", .archived = true},
	{.name = "map-prototype", .language = "JavaScript", .archived = true},
	{.name = "forms-prototype", .language = "JavaScript", .archived = true},
	{.name = "hack-day", .language = "Python", .archived = true},
};

static int wf_add(struct estate *s, const char *repo, const char *name, const char *file,
		  enum wf_kind kind, int minute_utc, bool data, const struct job_spec *jobs,
		  size_t n_jobs)
{
	struct wf w = {
		.id = 60000001 + (int64_t)s->wfs.n * 977,
		.repo = estate_repo(s, repo),
		.name = name,
		.path = arena_printf(&s->a, ".github/workflows/%s", file),
		.state = "active",
		.kind = kind,
		.minute_utc = minute_utc,
		.data = data,
		.jobs = jobs,
		.n_jobs = (int)n_jobs,
	};
	vec_push(&s->a, &s->wfs, w);
	return (int)s->wfs.n - 1;
}
#define JOBS(t) t, ARRAY_SIZE(t)

static int wf_find(const struct estate *s, const char *repo, const char *name)
{
	for (size_t i = 0; i < s->wfs.n; i++)
		if (text_eq(s->repos.v[s->wfs.v[i].repo].name, repo) &&
		    text_eq(s->wfs.v[i].name, name))
			return (int)i;
	return -1;
}

static const struct attempt good = {.conclusion = "success", .fail_job = -1, .fail_step = -1};

/* A run that passed at its first attempt; the caller may change it in place. */
static struct run *run_add(struct estate *s, struct rng *r, int wf, const char *event,
			   const char *branch, const char *sha, int64_t created_s)
{
	struct run x = {.created_s = created_s,
			.wf = wf,
			.event = event,
			.branch = branch,
			.sha = sha,
			.attempts = 1};
	x.at[0] = good;
	x.at[0].started_s = created_s + rng_in(r, 1, 9);
	x.at[0].completed_s = x.at[0].started_s + rng_in(r, 90, 900);
	x.title = s->wfs.v[wf].name;
	vec_push(&s->a, &s->runs, x);
	return &s->runs.v[s->runs.n - 1];
}

static void run_fail(struct run *x, const char *conclusion, int job, int step)
{
	struct attempt *t = &x->at[x->attempts - 1];
	t->conclusion = conclusion;
	t->fail_job = job;
	t->fail_step = step;
	x->touched = true;
}

static void run_again(struct run *x, int64_t after_s, const char *conclusion, int job, int step)
{
	BUG_ON(x->attempts >= 3);
	struct attempt *t = &x->at[x->attempts], *before = &x->at[x->attempts - 1];
	*t = good;
	t->started_s = before->completed_s + after_s;
	t->completed_s = t->started_s + 400;
	t->conclusion = conclusion;
	t->fail_job = job;
	t->fail_step = step;
	x->attempts++;
	x->touched = true;
}

static void run_startup_failure(struct run *x)
{
	run_fail(x, "startup_failure", -1, -1);
	x->at[0].completed_s = x->at[0].started_s;
}

static void run_no_runner(struct run *x, int job)
{
	run_fail(x, "failure", job, -1);
	x->at[x->attempts - 1].no_runner = true;
}

static int64_t utc_at(const struct estate *s, int w, int day, int minute)
{ /* minute of the UTC day that carries the local date */
	struct local l = zone_local(s->zone, week_day(s->zone, &s->week[w], day) + DAY_S / 2);
	return days_from_civil(l.year, l.month, l.day) * DAY_S + (int64_t)minute * 60;
}

static const char *commit_title(struct estate *s, struct rng *r, int w)
{
	static const char *const verbs[] = {"Add",    "Fix",	  "Remove", "Update",
					    "Rename", "Simplify", "Test",   "Speed up"};
	static const char *const things[] = {
		"the map legend",  "entity pages",     "upload checks", "the endpoint form",
		"geometry tests",  "the search index", "log messages",	"cookie settings",
		"postcode lookup", "the style guide",  "pagination",	"retry of downloads"};
	if (w == 7 && rng_p(r, 8)) /* an older week holds what strangers write */
		return rng_p(r, 50) ? "Fix <script>alert(\"title\")</script> & \xe2\x80\xae"
				      "elbat eht\xe2\x80\xac in <b>bold</b>"
				    : "Two\nlines\tand a | bar, *stars*, <!channel> and `ticks`";
	return arena_printf(&s->a, "%s %s (#%d)", verbs[rng_n(r, ARRAY_SIZE(verbs))],
			    things[rng_n(r, ARRAY_SIZE(things))], (int)rng_in(r, 200, 1999));
}

/* Pull request runs on a branch of its own: 1 to 3 commits before the merge at merge_s. */
static void branch_runs(struct estate *s, struct rng *r, int w, int wf, int64_t merge_s, int number)
{
	int n = (int)rng_in(r, 1, 3), chance = (int)rng_n(r, 100);
	const char *branch =
		arena_printf(&s->a, "feature/%d-%s", number, rng_p(r, 30) ? "a b#%25" : "change");
	const char *title = commit_title(s, r, w);
	size_t first = s->runs.n;
	if (chance < 14)
		n = 3;
	for (int i = 0; i < n; i++) {
		struct run *x = run_add(s, r, wf, "pull_request", branch, estate_sha(s, r),
					merge_s - (int64_t)(n - i) * rng_in(r, 1500, 2100));
		x->title = title;
	}
	struct run *x = &s->runs.v[first];
	int job = (int)rng_n(r, 3);
	if (chance < 4) /* real, then fixed */
		run_fail(&x[0], "failure", job, 3), run_fail(&x[1], "failure", job, 3);
	else if (chance < 6) /* two different jobs: neither is the other's proof */
		run_fail(&x[0], "failure", 0, 3), run_fail(&x[1], "failure", 2, 3);
	else if (chance < 9)
		run_fail(&x[0], "failure", job, 3);
	else if (chance < 12) /* flaky */
		run_fail(&x[1], "failure", job, 3), run_again(&x[1], 600, "success", -1, -1);
	else if (chance < 14)
		run_fail(&x[0], "cancelled", -1, -1);
	else if (chance < 28 && n > 1)
		run_fail(&x[0], "cancelled", -1, -1);
	else if (chance == 28)
		run_fail(&x[0], "action_required", -1, -1);
	else if (chance == 29)
		run_fail(&x[0], "skipped", -1, -1);
	else if (chance == 30)
		run_startup_failure(&x[0]);
}

/* One story a week in the sequence of main's commits, x[0..n): never among the last two. */
static void main_story(struct estate *s, struct rng *r, size_t first, size_t n)
{
	struct run *x = &s->runs.v[first];
	int chance = (int)rng_n(r, 100), job = (int)rng_n(r, 3);
	if (n < 5)
		return;
	size_t i = (size_t)rng_in(r, 1, (int64_t)n - 4);
	if (chance < 12) {
		run_fail(&x[i], "failure", job, 3);
		run_fail(&x[i + 1], "failure", job, 3);
	} else if (chance < 22) {
		run_fail(&x[i], "failure", job, 3);
	} else if (chance < 34) {
		run_fail(&x[i], "failure", job, 3);
		run_again(&x[i], 500, "success", -1, -1);
	} else if (chance < 40) { /* three attempts */
		run_fail(&x[i], "failure", job, 3);
		run_again(&x[i], 500, "failure", job, 3);
		run_again(&x[i], 900, "success", -1, -1);
	} else if (chance < 46) {
		run_no_runner(&x[i], job);
	} else if (chance < 50) {
		run_startup_failure(&x[i]);
	} else if (chance < 56) { /* a second run of the same commit passes: flaky, and the first
				     ended failed */
		run_fail(&x[i], "failure", job, 3);
		struct run again = x[i];
		run_add(s, r, again.wf, again.event, again.branch, again.sha,
			again.created_s + 1500)
			->touched = true;
	} else if (chance < 60) {
		run_fail(&x[i], "timed_out", job, 3);
		x[i].at[0].completed_s = x[i].at[0].started_s + 21600;
	}
}

static void code_week(struct estate *s, struct rng *r, int w, int repo, int *number)
{
	const char *name = s->repos.v[repo].name;
	int test = wf_find(s, name, "Test"), publish = wf_find(s, name, "Publish");
	bool story = w == ESTATE_WEEKS - 1 && text_eq(name, "request-api");
	static const int slots_story[] = {1,  9,  13, 25,
					  30, 33, 38}; /* slot = day * 8 + hour after nine */
	int slots[16], n = 0;
	if (story) {
		n = (int)ARRAY_SIZE(slots_story);
		memcpy(slots, slots_story, sizeof slots_story);
	} else {
		int want = (int)rng_in(r, 5, 9);
		for (int slot = 0; slot < 40; slot++)
			if (rng_n(r, 40 - slot) < want - n)
				slots[n++] = slot;
	}
	const char *shas[16], *titles[16];
	int64_t times[16];
	for (int i = 0; i < n; i++) {
		times[i] = estate_at(s, w, slots[i] / 8,
				     9 * 60 + slots[i] % 8 * 60 + (int)rng_n(r, 20));
		shas[i] = estate_sha(s, r);
		titles[i] = commit_title(s, r, w);
	}
	size_t first = s->runs.n;
	for (int i = 0; i < n; i++)
		run_add(s, r, test, "push", "main", shas[i], times[i])->title = titles[i];
	if (story)
		for (int i = 3; i < n; i++)
			run_fail(&s->runs.v[first + (size_t)i], "failure", 2, 3);
	else
		main_story(s, r, first, (size_t)n);
	for (int i = 0; i < n && publish >= 0; i++)
		if (!(story && i >= 3))
			run_add(s, r, publish, "push", "main", shas[i], times[i] + 40)->title =
				titles[i];
	for (int i = 0; i < n; i++)
		branch_runs(s, r, w, test, times[i], (*number)++);
}

static void scheduled_week(struct estate *s, struct rng *r, int w, int wf)
{
	const struct wf *f = &s->wfs.v[wf];
	const char *repo = s->repos.v[f->repo].name;
	bool newest = w == ESTATE_WEEKS - 1, before = w == ESTATE_WEEKS - 2;
	int from = 0, to = f->kind == WF_NIGHTLY ? 7 : f->kind == WF_EVENING ? 5 : 1;
	if (text_eq(repo, "issue-export") && (newest || before))
		to = newest ? 0 : 2; /* stopped after Tuesday of the week before */
	if (text_eq(f->name, "Backup database") && newest)
		to = 2;
	size_t first = s->runs.n;
	for (int day = from; day < to; day++)
		run_add(s, r, wf, "schedule", "main", estate_sha(s, r),
			utc_at(s, w, day, f->minute_utc) + rng_in(r, 5, 600));
	struct run *x = &s->runs.v[first];
	int n = to - from;
	if (text_eq(repo, "data-builder")) {
		if (newest)
			for (int day = 2; day < 7; day++)
				run_fail(&x[day], "failure", 0, 2);
		else if (rng_p(r, 40))
			run_fail(&x[rng_in(r, 1, 4)], "failure", 0, (int)rng_in(r, 1, 3));
	} else if (text_eq(repo, "config")) {
		if (newest)
			run_fail(&x[4], "failure", 1, 1);
		else if (rng_p(r, 30))
			run_fail(&x[rng_in(r, 1, 2)], "failure", 1, 1);
	} else if (text_eq(repo, "brownfield-collection") && before) {
		run_fail(&x[6], "failure", 0, 2);
	} else if (text_eq(repo, "brownfield-collection") && newest) {
		run_fail(&x[0], "failure", 1,
			 1); /* another job than on Sunday: Sunday stays undecided */
	} else if (f->kind == WF_NIGHTLY && n == 7 && rng_p(r, 12)) {
		struct run *y = &x[rng_in(r, 1, 4)];
		run_fail(y, "failure", 0, (int)rng_in(r, 1, 2));
		if (rng_p(r, 40))
			run_again(y, 1800, "success", -1, -1);
	} else if (f->kind == WF_WEEKLY && text_eq(repo, "web") && w >= ESTATE_WEEKS - 3) {
		run_fail(&x[0], "failure", 1, 2);
	}
}

static int by_created(const void *a, const void *b)
{
	const struct run *x = a, *y = b;
	if (x->created_s != y->created_s)
		return x->created_s < y->created_s ? -1 : 1;
	if (x->wf != y->wf)
		return x->wf < y->wf ? -1 : 1;
	return strcmp(x->sha, y->sha);
}

/* No run of this branch has a story yet. */
static bool branch_quiet(const struct estate *s, const struct run *x)
{
	for (size_t i = 0; i < s->runs.n; i++) {
		const struct run *y = &s->runs.v[i];
		if (y->wf == x->wf && y->touched && text_eq(y->branch, x->branch))
			return false;
	}
	return true;
}

/* Stories over runs that exist already, of the newest week. */
static void newest_week(struct estate *s, struct rng *r)
{
	int w = ESTATE_WEEKS - 1, lost = 0;
	int64_t noon = estate_at(s, w, 2, 12 * 60), evening = estate_at(s, w, 2, 18 * 60);
	int64_t friday = estate_at(s, w - 1, 4, 0);
	bool rerun = false;
	for (size_t i = 0; i < s->runs.n; i++) {
		struct run *x = &s->runs.v[i];
		if (!text_eq(x->event, "pull_request") || !branch_quiet(s, x))
			continue;
		if (lost < 4 && x->created_s >= noon && x->created_s < evening) {
			run_no_runner(x, 1);
			lost++;
		} else if (!rerun && x->created_s >= friday && x->created_s < friday + DAY_S) {
			run_fail(x, "failure", 1,
				 3); /* run again four days later, in the next week */
			run_again(x, 4 * (int64_t)DAY_S, "success", -1, -1);
			rerun = true;
		}
	}
	BUG_ON(lost < 4 || !rerun);
	int test = wf_find(s, "infrastructure", "Test");
	struct run *x = run_add(s, r, test, "pull_request", "feature/9001-night", estate_sha(s, r),
				estate_at(s, w, 6, 22 * 60 + 50));
	x->at[0].conclusion = NULL; /* still running at collection */
	x->at[0].completed_s = 0;
	x->touched = true;
	/* Monday after the week: neither may be counted in it. */
	run_add(s, r, wf_find(s, "tree-collection", "Run collection"), "schedule", "main",
		estate_sha(s, r), s->week[w].to_s + 600);
	run_fail(run_add(s, r, wf_find(s, "submit", "Test"), "pull_request", "feature/9002-monday",
			 estate_sha(s, r), s->week[w].to_s + (int64_t)9 * 3600),
		 "failure", 1, 3);
}

void estate_ci(struct estate *s)
{
	struct rng r = {s->seed ^ 0x6369};
	for (size_t i = 0; i < ARRAY_SIZE(repo_table); i++) {
		struct repo x = repo_table[i];
		x.id = 300000000 + (int64_t)i * 1009;
		vec_push(&s->a, &s->repos, x);
	}
	static const char *const code[] = {
		"web",	 "submit",	  "request-api", "request-processor",
		"tiles", "design-system", "pipelines",	 "infrastructure"};
	for (size_t i = 0; i < ARRAY_SIZE(code); i++) {
		wf_add(s, code[i], "Test", "test.yml", WF_TEST, 0, false, JOBS(test_jobs));
		if (i < 7)
			wf_add(s, code[i], "Publish", "publish.yml", WF_PUBLISH, 0, false,
			       JOBS(publish_jobs));
	}
	wf_add(s, "data-builder", "Build the national database", "build.yml", WF_NIGHTLY, 5 * 60,
	       true, JOBS(builder_jobs));
	wf_add(s, "config", "Evening pipeline", "evening-pipeline.yml", WF_EVENING, 19 * 60 + 35,
	       true, JOBS(evening_jobs));
	wf_add(s, "brownfield-collection", "Run collection", "run.yml", WF_NIGHTLY, 10, true,
	       JOBS(collection_jobs));
	wf_add(s, "tree-collection", "Run collection", "run.yml", WF_NIGHTLY, 20, true,
	       JOBS(collection_jobs));
	wf_add(s, "conservation-collection", "Run collection", "run.yml", WF_NIGHTLY, 30, true,
	       JOBS(collection_jobs));
	s->wfs.v[wf_add(s, "issue-export", "Daily issue export", "export.yml", WF_NIGHTLY, 5 * 60,
			false, JOBS(small_jobs))]
		.state = "disabled_inactivity";
	wf_add(s, "design-system", "Backup database", "backup.yml", WF_NIGHTLY, 60, false,
	       JOBS(small_jobs));
	wf_add(s, "web", "Security scan", "security-scan.yml", WF_WEEKLY, 8 * 60 + 45, false,
	       JOBS(scan_jobs));
	wf_add(s, "submit", "Security scan", "security-scan.yml", WF_WEEKLY, 8 * 60 + 45, false,
	       JOBS(scan_jobs));

	int number = 1000;
	for (int w = 0; w < ESTATE_WEEKS; w++) {
		for (size_t i = 0; i < ARRAY_SIZE(code); i++)
			code_week(s, &r, w, estate_repo(s, code[i]), &number);
		for (size_t i = 0; i < s->wfs.n; i++)
			if (s->wfs.v[i].kind != WF_TEST && s->wfs.v[i].kind != WF_PUBLISH)
				scheduled_week(s, &r, w, (int)i);
	}
	newest_week(s, &r);
	qsort(s->runs.v, s->runs.n, sizeof *s->runs.v, by_created);
	for (size_t i = 0; i < s->runs.n; i++) {
		s->runs.v[i].id = 26000000000 + (int64_t)i * 7919;
		s->runs.v[i].number = 100 + (int64_t)i;
	}
}
