#include "digest/deployments.h"

#include "base/text.h"
#include "digest/counts.h"
#include "digest/study.h"
#include "digest/owners.h"
#include "digest/stats.h"
#include "digest/words.h"

/* Before: the week before (corrections) and the 48 hours a cause or a telling may lie back. After:
 * what became of a deployment that failed on Sunday night. */
#define BEFORE_S ((int64_t)9 * 86400)
#define AFTER_S	 ((int64_t)7 * 86400)

bool deployments_load(struct study *f, struct err *e)
{
	struct deployments_week *w = &f->deployments;
	struct deployments read = {0};
	if (!deploys_list(f->in->db, f->from_s - BEFORE_S, f->to_s + AFTER_S, f->a, &read, e) ||
	    !deploys_images(f->in->db, f->from_s - BEFORE_S - 30 * 86400, f->to_s + AFTER_S, f->a,
			    &w->images, e) ||
	    !commits_list(f->in->db, f->from_s, f->to_s, f->a, &w->changes, e))
		return false;
	for (size_t i = 0; i < read.n; i++)
		if (coverage_trusts(&f->coverage, read.v[i].source, "deployments.total"))
			vec_push(f->a, &w->rows_read, read.v[i]);
	deploy_fold(f->cfg, &w->rows_read, &w->images, f->a, &w->all, &w->lost_rollbacks);
	return true;
}

static bool production(const struct study *f, const struct deploy *d)
{
	return d->environment && text_eq(d->environment, f->environment);
}

int64_t deployments_recovered_at(const struct deploys *all, const struct deploy *d)
{
	int64_t best = d->rolled_back_s;
	for (size_t i = 0; i < all->n; i++) {
		const struct deploy *x = &all->v[i];
		if (x->state == DEPLOY_SUCCEEDED && x->at_s > d->at_s &&
		    text_eq(x->service, d->service) && text_eq(x->environment, d->environment) &&
		    (best == TIME_NONE || x->finished_s < best))
			best = x->finished_s;
	}
	return best;
}

static const char *owner(const struct study *f, const struct deploy *d)
{
	return owner_of(f->cfg, &(struct belongs){.service = d->service, .repo = d->repo}, f->a);
}

static void count(struct study *f)
{
	struct deployments_week *w = &f->deployments;
	struct lead_times times = {0};
	struct spell *spells = arena_array(f->a, struct spell, w->rows.n + 1);
	size_t n_spells = 0;
	int64_t *per = arena_array(f->a, int64_t, f->cfg->environments.n + 1), other = 0;
	for (size_t i = 0; i < w->rows.n; i++) {
		const struct deployment_row *r = &w->rows.v[i];
		const struct deploy *d = r->d;
		int rank = config_environment_rank(f->cfg, d->environment);
		if (rank < 0)
			other++;
		else
			per[rank]++;
		if (!r->production)
			continue;
		w->total++;
		w->succeeded += d->state == DEPLOY_SUCCEEDED;
		if (d->state == DEPLOY_SUCCEEDED && r->change)
			lead_time_add(r->change, d, f->a, &times, &w->lead);
		w->failed += d->state == DEPLOY_FAILED;
		w->rolled_back += d->state == DEPLOY_ROLLED_BACK;
		w->in_progress += d->state == DEPLOY_IN_PROGRESS;
		w->waiting += d->state == DEPLOY_WAITING;
		if (d->state == DEPLOY_FAILED || d->state == DEPLOY_ROLLED_BACK) {
			bool open = r->recovery_s == TIME_NONE;
			spells[n_spells++] =
				(struct spell){(double)(open ? MAX(f->now_s - d->at_s, (int64_t)0)
							     : r->recovery_s),
					       open};
		}
	}
	struct digest_numbers *n = &f->numbers;
	for (size_t i = 0; i < f->cfg->environments.n; i++) {
		const char *id =
			arena_printf(f->a, "deployments.%s.total", f->cfg->environments.v[i]);
		if (w->rows.n > 0 || study_fed(f, id))
			numbers_set_i64(n, id, per[i]);
	}
	if (w->rows.n > 0 || study_fed(f, "deployments.other.total"))
		numbers_set_i64(n, "deployments.other.total", other);
	if (w->rows.n == 0 && !study_fed(f, "deployments.total"))
		return;
	numbers_set_i64(n, "deployments.total", w->total);
	numbers_set_i64(n, "deployments.succeeded", w->succeeded);
	numbers_set_i64(n, "deployments.failed", w->failed);
	numbers_set_i64(n, "deployments.rolled_back", w->rolled_back);
	numbers_set_i64(n, "deployments.in_progress", w->in_progress);
	numbers_set(n, "deployments.recovery_s", stats_spell_median(spells, n_spells));
	int64_t done = w->succeeded + w->failed + w->rolled_back;
	if (done > 0)
		numbers_set(n, "deployments.change_fail_rate",
			    (double)(w->failed + w->rolled_back) / (double)done);
	lead_time_end(&times, &w->lead);
	numbers_set(n, "deployments.lead_time_s", w->lead.median_s);
	if (w->lead.unknown > 0)
		numbers_blind(n, "deployments.lead_time_s");
}

static const char *counts_of(const struct study *f, const struct deployment_row *r)
{
	const struct deploy *d = r->d;
	const char *in = NULL;
	bool first = r->production, undone = d->state == DEPLOY_ROLLED_BACK,
	     failed = d->state == DEPLOY_FAILED, succeeded = d->state == DEPLOY_SUCCEEDED;
	int rank = config_environment_rank(f->cfg, d->environment);
	counts_add(f->a, &in, true,
		   arena_printf(f->a, "deployments.%s.total",
				rank < 0 ? "other" : f->cfg->environments.v[rank]));
	counts_add(f->a, &in, first, "deployments.total");
	counts_add(f->a, &in, first && succeeded, "deployments.succeeded");
	counts_add(f->a, &in, first && failed, "deployments.failed");
	counts_add(f->a, &in, first && undone, "deployments.rolled_back");
	counts_add(f->a, &in, first && d->state == DEPLOY_IN_PROGRESS, "deployments.in_progress");
	counts_add(f->a, &in, first && succeeded && r->change, "deployments.lead_time_s");
	counts_add(f->a, &in, first && (failed || undone), "deployments.recovery_s");
	counts_add(f->a, &in, first && (succeeded || failed || undone),
		   "deployments.change_fail_rate");
	return in;
}

/* ", 4 commits" where that is known. */
static const char *brought(const struct study *f, const struct deployment_row *r)
{
	return r->change && r->change->known && r->change->c.commits > 0
		       ? arena_printf(f->a, ", %s",
				      w_plural(f->a, r->change->c.commits, "commit", "commits"))
		       : "";
}

bool deployments_analyse(struct study *f, struct err *e)
{
	struct deployments_week *w = &f->deployments;
	for (size_t i = 0; i < w->all.n; i++) {
		const struct deploy *d = &w->all.v[i];
		struct deployment_row r = {.d = d, .owner = owner(f, d), .recovery_s = TIME_NONE};
		if (d->at_s < f->from_s || d->at_s >= f->to_s || !study_shown(f, r.owner))
			continue;
		r.production = production(f, d);
		r.change = lead_time_change(&w->changes, d);
		if (d->state == DEPLOY_FAILED || d->state == DEPLOY_ROLLED_BACK) {
			int64_t t = deployments_recovered_at(&w->all, d);
			r.recovery_s = t == TIME_NONE ? TIME_NONE : MAX(t - d->at_s, (int64_t)0);
			r.open = t == TIME_NONE && d->state == DEPLOY_FAILED;
		}
		vec_push(f->a, &w->rows, r);
	}
	f->collected += (int64_t)w->rows.n;
	count(f);
	for (size_t i = 0; i < w->rows.n; i++) {
		struct deployment_row *r = &w->rows.v[i];
		const struct deploy *d = r->d;
		const char *where = d->environment ? d->environment : d->d->environment;
		struct item it = {.section = "deployments",
				  .kind = deploy_state_name(d->state),
				  .key = d->key,
				  .title = arena_printf(f->a, "%s to %s%s%.7s%s", d->service,
							where ? where : "an unnamed environment",
							d->sha ? ", " : "", d->sha ? d->sha : "",
							brought(f, r)),
				  .url = d->d->url,
				  .owner = r->owner,
				  .first_seen_s = d->started_s,
				  .counts = counts_of(f, r)};
		if (!study_item(f, &it, NULL, false, &r->item, e))
			return false;
	}
	return true;
}

void deployments_recount(const struct study *f, int64_t from_s, int64_t to_s, int64_t out[3])
{
	out[0] = out[1] = out[2] = 0;
	for (size_t i = 0; i < f->deployments.all.n; i++) {
		const struct deploy *d = &f->deployments.all.v[i];
		if (d->at_s < from_s || d->at_s >= to_s || !production(f, d) ||
		    !study_shown(f, owner(f, d)))
			continue;
		out[0]++;
		out[1] += d->state == DEPLOY_FAILED;
		out[2] += d->state == DEPLOY_ROLLED_BACK;
	}
}
