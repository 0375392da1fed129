#include "collect/aws.h"

#include "base/text.h"
#include "store/deploys.h"

static const struct aws_service codedeploy = {.host = "codedeploy",
					      .signing = "codedeploy",
					      .target = "CodeDeploy_20141006.",
					      .env = "CODEDEPLOY"};

#define BATCH	     25 /* deployments of one BatchGetDeployments */
#define UNFINISHED_S ((int64_t)30 * 86400) /* how long an unfinished one is asked for again */

/* --- one deployment --- */

/* Old documentation spells them with a blank: "In Progress". */
static bool parse_state(const char *status, bool undone, enum deploy_state *out)
{
	static const struct {
		const char *word;
		enum deploy_state state;
	} words[] = {
		{"Created", DEPLOY_IN_PROGRESS},    {"Queued", DEPLOY_IN_PROGRESS},
		{"InProgress", DEPLOY_IN_PROGRESS}, {"In Progress", DEPLOY_IN_PROGRESS},
		{"Baking", DEPLOY_IN_PROGRESS},	    {"Ready", DEPLOY_WAITING},
		{"Succeeded", DEPLOY_SUCCEEDED},    {"Failed", DEPLOY_FAILED},
		{"Stopped", DEPLOY_FAILED},
	};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!text_eq(status, words[i].word))
			continue;
		*out = undone && words[i].state == DEPLOY_FAILED ? DEPLOY_ROLLED_BACK
								 : words[i].state;
		return true;
	}
	return false;
}

/* "…amazonaws.com/web:3dce5c8" in the text of an AppSpec: what stands behind the first such
 * reference's host, up to its end. */
static const char *image_in(const char *text, struct arena *a)
{
	const char *at = text ? strstr(text, ".amazonaws.com/") : NULL;
	if (!at)
		return NULL;
	at += strlen(".amazonaws.com/");
	size_t n =
		strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:@");
	return n ? arena_strndup(a, at, n) : NULL;
}

/* "web/3dce5c8….yaml": the longest word of a bundle's name that can be a commit. */
static const char *commit_in(const char *key, struct arena *a)
{
	const char *best = NULL;
	size_t length = 0;
	for (const char *p = key; p && *p;) {
		size_t n = strcspn(p, "/-_.");
		const char *word = arena_strndup(a, p, n);
		if (aws_commit_of_tag(word) && n > length) {
			best = word;
			length = n;
		}
		p += n + (p[n] != '\0');
	}
	return best;
}

static bool parse_revision(const struct jv *v, struct arena *a, struct rec_deployment *d,
			   struct err *e)
{
	struct jv rev, git, spec, text, s3;
	const char *repository, *content, *raw, *bundle;
	if (!json_obj_opt(v, "revision", &rev, e) ||
	    !json_obj_opt(&rev, "gitHubLocation", &git, e) ||
	    !json_str_opt(&git, "commitId", a, &d->sha, e) ||
	    !json_str_opt(&git, "repository", a, &repository, e) ||
	    !json_obj_opt(&rev, "appSpecContent", &spec, e) ||
	    !json_str_opt(&spec, "content", a, &content, e) ||
	    !json_obj_opt(&rev, "string", &text, e) ||
	    !json_str_opt(&text, "content", a, &raw, e) ||
	    !json_obj_opt(&rev, "s3Location", &s3, e) || !json_str_opt(&s3, "key", a, &bundle, e))
		return false;
	if (!d->sha)
		d->sha = commit_in(bundle, a);
	d->repo = repository;
	d->image = image_in(content ? content : raw, a);
	const char *tag = d->image ? strrchr(d->image, ':') : NULL;
	if (tag && !d->sha && !strchr(d->image, '@'))
		d->sha = aws_commit_of_tag(tag + 1);
	return true;
}

static bool parse_style(const struct jv *v, struct arena *a, const char **detail, struct err *e)
{
	struct jv style;
	const char *type, *config;
	if (!json_obj_opt(v, "deploymentStyle", &style, e) ||
	    !json_str_opt(&style, "deploymentType", a, &type, e) ||
	    !json_str_opt(v, "deploymentConfigName", a, &config, e))
		return false;
	const char *kind = text_eq(type, "BLUE_GREEN") ? "blue/green"
			   : text_eq(type, "IN_PLACE") ? "in place"
						       : type;
	*detail = kind && config ? arena_printf(a, "%s, %s", kind, config) : kind ? kind : config;
	return true;
}

bool aws_parse_deployment(const struct jv *v, const struct aws_source *cfg, struct arena *a,
			  struct code_deploy_row *out, struct err *e)
{
	struct code_deploy_row x = {0};
	struct rec_deployment *d = &x.d;
	struct jv error, rollback;
	const char *status, *creator;
	if (!json_is_obj(v))
		return json_wrong(v, e, "expected a deployment");
	if (!json_str(v, "deploymentId", a, &d->key, e) ||
	    !json_str_opt(v, "applicationName", a, &d->service, e) ||
	    !json_str_opt(v, "status", a, &status, e) ||
	    !json_str_opt(v, "creator", a, &creator, e) ||
	    !json_epoch(v, "createTime", &d->created_s, e) ||
	    !json_epoch_opt(v, "startTime", &d->started_s, e) ||
	    !json_epoch_opt(v, "completeTime", &d->finished_s, e) ||
	    !json_obj_opt(v, "errorInformation", &error, e) ||
	    !json_str_opt(&error, "code", a, &d->error_code, e) ||
	    !json_str_opt(&error, "message", a, &d->error, e) ||
	    !json_obj_opt(v, "rollbackInfo", &rollback, e) ||
	    !json_str_opt(&rollback, "rollbackDeploymentId", a, &x.rolled_back_by, e) ||
	    !json_str_opt(&rollback, "rollbackTriggeringDeploymentId", a, &d->rollback_of, e) ||
	    !parse_revision(v, a, d, e) || !parse_style(v, a, &d->detail, e))
		return false;
	d->source = cfg->name;
	d->kind = "codedeploy";
	d->environment = cfg->environment;
	/* Either side may name itself beside the other. */
	if (x.rolled_back_by && (!*x.rolled_back_by || !strcmp(x.rolled_back_by, d->key)))
		x.rolled_back_by = NULL;
	if (d->rollback_of && (!*d->rollback_of || !strcmp(d->rollback_of, d->key)))
		d->rollback_of = NULL;
	d->creator_kind = !creator		     ? NULL
			  : !strcmp(creator, "user") ? "user"
			  : !strcmp(creator, "codeDeployRollback") ||
					  !strcmp(creator, "CloudFormationRollback")
				  ? "rollback"
				  : "automation";
	if (!parse_state(status, x.rolled_back_by != NULL, &d->state)) {
		d->state = DEPLOY_IN_PROGRESS;
		x.unknown_status = status ? status : "(none)";
	}
	if (d->state == DEPLOY_IN_PROGRESS || d->state == DEPLOY_WAITING)
		d->finished_s = TIME_NONE;
	d->url = arena_printf(
		a, "https://%s.console.aws.amazon.com/codesuite/codedeploy/deployments/%s",
		cfg->region, d->key);
	*out = x;
	return true;
}

/* --- the list, then batches --- */

struct code_deploy {
	struct aws *s;
	struct part *p;
	struct page_walk walk;
	struct keys asked; /* ids */
	struct strv ids; /* to be asked for, from next on */
	size_t next;
	size_t batches; /* under way */
	bool lost; /* a batch was, which has been told */
	struct keys rows; /* id -> struct code_deploy_row */
	struct keys undoers; /* id of what was undone -> the rollback's struct code_deploy_row */
	struct keys known; /* ids of the list that need no question, unless a rollback asks it */
	struct keys stored; /* id -> what an earlier run stored as finished */
	struct part *targets; /* the part of the steps, once they were refused; else NULL */
};

static void want(struct code_deploy *q, const char *id)
{
	struct arena *a = q->s->c->a;
	if (keys_get(&q->asked, id))
		return;
	id = arena_strdup(a, id);
	keys_put(&q->asked, a, id, q);
	vec_push(a, &q->ids, id);
	if (!keys_get(&q->known, id))
		collect_expect(q->p, 1);
}

static void ask_batches(struct code_deploy *q);

/* A failed deployment is undone unless its rollback failed, too; the rollback may come in a later
 * batch than what it undoes, or the other way round. */
static bool settle_rollback(struct code_deploy *q, const struct code_deploy_row *undoer,
			    struct code_deploy_row *undone, struct err *e)
{
	enum deploy_state state =
		undoer->d.state == DEPLOY_FAILED ? DEPLOY_FAILED : DEPLOY_ROLLED_BACK;
	if (undone->d.state == state ||
	    (undone->d.state != DEPLOY_FAILED && undone->d.state != DEPLOY_ROLLED_BACK))
		return true;
	undone->d.state = state;
	return deploys_put(q->s->c->db, &undone->d, clock_now(q->s->c->clock), e);
}

static bool put_row(struct code_deploy *q, struct code_deploy_row *x, struct err *e)
{
	struct collect *c = q->s->c;
	struct code_deploy_row *other;
	if (!deploys_put(c->db, &x->d, clock_now(c->clock), e))
		return false;
	if (x->d.rollback_of) {
		keys_put(&q->undoers, c->a, x->d.rollback_of, x);
		want(q, x->d.rollback_of); /* it may have been created before the window */
		other = keys_get(&q->rows, x->d.rollback_of);
		if (other && !settle_rollback(q, x, other, e))
			return false;
	}
	if (x->rolled_back_by)
		want(q, x->rolled_back_by);
	other = keys_get(&q->undoers, x->d.key);
	return !other || settle_rollback(q, other, x, e);
}

/* --- the steps of those that failed or are under way --- */

struct steps {
	struct code_deploy *q;
	struct code_deploy_row *x;
};

/* No number depends on them: refused, they cost only themselves. */
static void steps_refused(struct code_deploy *q, const char *why)
{
	if (!q->targets) {
		q->targets = collect_part(q->s->c, q->p->l.source, "codedeploy_targets", "");
		q->targets->budget = q->s->budget;
	}
	collect_not_enabled(q->targets, "%s", why);
}

static bool on_targets(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct steps *t = ctx;
	struct arena *a = &p->c->scratch;
	struct rec_deployment *d = &t->x->d;
	CLEANUP(json_freep) struct json *j = NULL;
	struct jv list;
	struct err bad = {0};
	struct code_deploy_steps steps;
	const char *why;
	if (!aws_json(r, "codedeploy:BatchGetDeploymentTargets", a, &j, &why)) {
		steps_refused(t->q, why);
		return true;
	}
	struct jv root = json_root(j);
	if (!json_arr_opt(&root, "deploymentTargets", &list, &bad) ||
	    !aws_parse_targets(&list, p->c->a, &steps, &bad)) {
		steps_refused(t->q, arena_printf(a, "targets of %s: %s", d->key, bad.msg));
		return true;
	}
	const char *text = aws_steps_text(&steps, p->c->a);
	if (text)
		d->detail = d->detail ? arena_printf(p->c->a, "%s; %s", d->detail, text) : text;
	if (!d->error_code)
		d->error_code = steps.code;
	if (!d->error)
		d->error = steps.message;
	return deploys_put(p->c->db, d, clock_now(p->c->clock), e);
}

static bool on_target_ids(struct part *p, const struct http_response *r, void *ctx,
			  struct err *e UNUSED)
{
	struct steps *t = ctx;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	struct jv ids;
	struct err bad = {0};
	const char *why;
	if (!aws_json(r, "codedeploy:ListDeploymentTargets", a, &j, &why)) {
		/* one that waits in the queue has none yet */
		if (!text_eq(aws_error_code(r, a), "DeploymentNotStartedException"))
			steps_refused(t->q, why);
		return true;
	}
	struct jv root = json_root(j);
	if (!json_arr_opt(&root, "targetIds", &ids, &bad)) {
		steps_refused(t->q, arena_printf(a, "targets of %s: %s", t->x->d.key, bad.msg));
		return true;
	}
	if (json_count(&ids) == 0)
		return true;
	struct jw *body = jw_obj(), *some;
	int n = 0;
	jw_str(body, "deploymentId", t->x->d.key);
	some = jw_add_arr(body, "targetIds");
	/* Of a fleet the first ones are enough to say where it failed. */
	for (struct jv it = json_first(&ids); it.n && n < BATCH; it = json_next(&it), n++)
		jw_str(some, NULL, json_text(&it, a));
	aws_call(t->q->s, p, &codedeploy, "BatchGetDeploymentTargets", body, on_targets, t);
	return true;
}

static void ask_steps(struct code_deploy *q, struct code_deploy_row *x)
{
	if (x->d.state == DEPLOY_SUCCEEDED || q->targets)
		return;
	struct steps *t = arena_new(q->s->c->a, struct steps);
	struct jw *body = jw_obj();
	*t = (struct steps){q, x};
	jw_str(body, "deploymentId", x->d.key);
	aws_call(q->s, q->p, &codedeploy, "ListDeploymentTargets", body, on_target_ids, t);
}

/* --- batches --- */

static bool batch_row(struct code_deploy *q, const struct jv *v, struct err *e)
{
	struct collect *c = q->s->c;
	struct err bad = {0};
	struct code_deploy_row *x = arena_new(c->a, struct code_deploy_row);
	if (!aws_parse_deployment(v, q->s->cfg, c->a, x, &bad)) {
		collect_short(q->p, "a deployment could not be read: %s", bad.msg);
		q->lost = true;
		return true;
	}
	if (keys_get(&q->rows, x->d.key))
		return true;
	if (x->unknown_status)
		collect_short(q->p, "deployment %s has the unknown status \"%s\"", x->d.key,
			      x->unknown_status);
	keys_put(&q->rows, c->a, x->d.key, x);
	if (!keys_get(&q->known, x->d.key))
		collect_got(q->p, 1);
	ask_steps(q, x);
	return put_row(q, x, e);
}

/* The service leaves out ids that it does not know, without a word. */
static void batch_ended(struct code_deploy *q, bool had)
{
	q->lost |= !had;
	if (--q->batches == 0 && !q->lost && q->rows.n < q->ids.n)
		collect_short(q->p, "%zu of %zu deployments were not told", q->ids.n - q->rows.n,
			      q->ids.n);
}

static bool on_batch(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct code_deploy *q = ctx;
	CLEANUP(json_freep) struct json *j = NULL;
	struct jv rows;
	struct err bad = {0};
	const char *why;
	if (!aws_json(r, "codedeploy:BatchGetDeployments", &p->c->scratch, &j, &why)) {
		collect_short(p, "%s", why);
		batch_ended(q, false);
		return true;
	}
	struct jv root = json_root(j);
	if (!json_arr(&root, "deploymentsInfo", &rows, &bad)) {
		collect_short(p, "codedeploy:BatchGetDeployments: %s", bad.msg);
		batch_ended(q, false);
		return true;
	}
	if (!db_begin(p->c->db, e))
		return false;
	for (struct jv it = json_first(&rows); it.n; it = json_next(&it))
		if (!batch_row(q, &it, e))
			return false;
	if (!db_commit(p->c->db, e))
		return false;
	ask_batches(q);
	batch_ended(q, true);
	return true;
}

static void ask_batches(struct code_deploy *q)
{
	while (q->next < q->ids.n) {
		struct jw *body = jw_obj(), *ids = jw_add_arr(body, "deploymentIds");
		for (int i = 0; i < BATCH && q->next < q->ids.n; i++)
			jw_str(ids, NULL, q->ids.v[q->next++]);
		q->batches++;
		aws_call(q->s, q->p, &codedeploy, "BatchGetDeployments", body, on_batch, q);
	}
}

static void ask_list(struct code_deploy *q, const char *token);

/* What ended does not change, so that it is not asked for again; a rollback of it, which is new,
 * asks for it itself. Steps that are not known yet are worth another question. */
static bool is_known(const struct rec_deployment *d)
{
	return d && d->finished_s != TIME_NONE &&
	       (d->state == DEPLOY_SUCCEEDED || (d->detail && strchr(d->detail, ';')));
}

static void listed(struct code_deploy *q, const char *id)
{
	struct arena *a = q->s->c->a;
	const struct rec_deployment *d = keys_get(&q->stored, id);
	if (!is_known(d)) {
		want(q, id);
		return;
	}
	if (keys_get(&q->known, id) || keys_get(&q->asked, id))
		return;
	keys_put(&q->known, a, d->key, q);
	collect_expect(q->p, 1);
	collect_got(q->p, 1);
	/* A run that was killed may have stored the rollback and not what it undid. */
	if (d->rollback_of && !keys_get(&q->stored, d->rollback_of))
		want(q, d->rollback_of);
}

static bool on_list(struct part *p, const struct http_response *r, void *ctx, struct err *e UNUSED)
{
	struct code_deploy *q = ctx;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	struct jv rows;
	struct err bad = {0};
	const char *why, *token = NULL;
	if (!aws_json(r, "codedeploy:ListDeployments", a, &j, &why)) {
		q->walk.seen.n ? collect_short(p, "%s", why) : collect_fail(p, "%s", why);
		ask_batches(q);
		return true;
	}
	struct jv root = json_root(j);
	if (!json_arr_opt(&root, "deployments", &rows, &bad))
		collect_short(p, "codedeploy:ListDeployments: %s", bad.msg);
	collect_expect(p, 0);
	for (struct jv it = json_first(&rows); !bad.kind && it.n; it = json_next(&it)) {
		const char *id = json_text(&it, a);
		if (id)
			listed(q, id);
	}
	enum page_next next = page_aws(&root, "nextToken", a, &token);
	next = page_step(p, &q->walk, next, token, "deployments");
	if (next == PAGE_MORE)
		ask_list(q, token);
	else
		ask_batches(q);
	return true;
}

/* Without application and group the list covers account and region in one walk. */
static void ask_list(struct code_deploy *q, const char *token)
{
	struct jw *body = jw_obj(), *range = jw_add_obj(body, "createTimeRange");
	jw_i64(range, "start", q->s->c->from_s);
	/* Past the week's end: a rollback may follow the day after. */
	jw_i64(range, "end", MAX(clock_now(q->s->c->clock), q->s->c->to_s));
	if (token)
		jw_str(body, "nextToken", token);
	aws_call(q->s, q->p, &codedeploy, "ListDeployments", body, on_list, q);
}

bool aws_codedeploy_start(struct aws *s, struct part *p, struct err *e)
{
	struct collect *c = s->c;
	struct code_deploy *q = arena_new(c->a, struct code_deploy);
	struct deployments open, stored;
	*q = (struct code_deploy){.s = s, .p = p};
	if (!deploys_unfinished(c->db, s->cfg->name, c->from_s - UNFINISHED_S, c->a, &open, e) ||
	    !deploys_list(c->db, c->from_s, MAX(clock_now(c->clock), c->to_s), c->a, &stored, e))
		return false;
	for (size_t i = 0; i < stored.n; i++)
		if (!strcmp(stored.v[i].kind, "codedeploy") &&
		    text_eq(stored.v[i].source, s->cfg->name))
			keys_put(&q->stored, c->a, stored.v[i].key, &stored.v[i]);
	for (size_t i = 0; i < open.n; i++)
		if (!strcmp(open.v[i].kind, "codedeploy"))
			want(q, open.v[i].key);
	ask_list(q, NULL);
	return true;
}
