/* status: last runs, coverage of the newest collected week, and each delivery with the service's
 * own answer. */
#include "app/commands.h"
#include "base/parse.h"
#include "lib/json.h"
#include "store/digests.h"
#include "store/ledger.h"
#include "store/outbox.h"
#include "store/store.h"

#define RUNS_SHOWN 10

static void json(struct app *app, const struct store_runs *runs, const struct ledgers *cov,
		 const struct deliveries *sent)
{
	CLEANUP(jw_freep) struct jw *root = jw_obj();
	struct jw *arr = jw_add_arr(root, "runs");
	for (size_t i = 0; i < runs->n; i++) {
		const struct store_run *r = &runs->v[i];
		struct jw *o = jw_add_obj(arr, NULL);
		jw_i64(o, "id", r->id);
		jw_str(o, "command", r->command);
		jw_str(o, "week", r->week);
		jw_time(o, "started", r->started_s);
		jw_time(o, "ended", r->ended_s);
		jw_i64(o, "exit", r->exit_status);
		jw_str(o, "summary", r->summary);
	}
	arr = jw_add_arr(root, "coverage");
	for (size_t i = 0; i < cov->n; i++) {
		const struct ledger *l = &cov->v[i];
		struct jw *o = jw_add_obj(arr, NULL);
		jw_str(o, "week", l->week);
		jw_str(o, "source", l->source);
		jw_str(o, "part", l->part);
		jw_str(o, "status", ledger_status_name(l->status));
		jw_i64(o, "expected", l->expected);
		jw_i64(o, "received", l->received);
		jw_i64(o, "requests", l->requests);
		jw_time(o, "as_of", l->as_of_s);
		jw_str(o, "reason", l->reason);
	}
	arr = jw_add_arr(root, "deliveries");
	for (size_t i = 0; i < sent->n; i++) {
		const struct delivery *d = &sent->v[i];
		struct jw *o = jw_add_obj(arr, NULL);
		jw_str(o, "week", d->week);
		jw_str(o, "audience", d->audience);
		jw_str(o, "channel", d->channel);
		jw_str(o, "recipient", d->recipient);
		jw_str(o, "state", outbox_state_name(d->state));
		jw_i64(o, "attempts", d->attempts);
		jw_str(o, "answer", d->answer);
		jw_time(o, "at", d->updated_s);
	}
	puts(jw_print(root, true, &app->a));
}

static void text(const struct store_runs *runs, const struct ledgers *cov,
		 const struct deliveries *sent)
{
	char at[TIME_TEXT];
	puts("Runs, newest first");
	for (size_t i = 0; i < runs->n; i++) {
		const struct store_run *r = &runs->v[i];
		if (r->ended_s == TIME_NONE)
			printf("  %s  %-9s %-9s not ended: under way, or it was killed\n",
			       time_iso(r->started_s, at), r->command, r->week ? r->week : "");
		else
			printf("  %s  %-9s %-9s exit %lld  %s\n", time_iso(r->started_s, at),
			       r->command, r->week ? r->week : "", (long long)r->exit_status,
			       r->summary ? r->summary : "");
	}
	if (cov->n)
		printf("\nCoverage of %s\n", cov->v[0].week);
	for (size_t i = 0; i < cov->n; i++) {
		const struct ledger *l = &cov->v[i];
		printf("  %-18s %-16s %-12s %lld", l->source, l->part,
		       ledger_status_name(l->status), (long long)l->received);
		if (l->expected != NUM_NONE)
			printf(" of %lld", (long long)l->expected);
		printf("%s%s\n", l->reason ? "  " : "", l->reason ? l->reason : "");
	}
	puts("\nDeliveries");
	for (size_t i = 0; i < sent->n; i++) {
		const struct delivery *d = &sent->v[i];
		printf("  %s  %-12s %-10s %-32s %-8s %s\n", d->week, d->audience, d->channel,
		       d->recipient, outbox_state_name(d->state), d->answer ? d->answer : "");
	}
	if (sent->n == 0)
		puts("  none yet");
}

int cmd_status(struct app *app, struct err *e)
{
	static const char *const formats[] = {"text", "json", NULL};
	const char *format = app_format(app, formats, e);
	struct store_runs runs = {0};
	struct frozens digests = {0};
	struct ledgers cov = {0};
	struct deliveries sent = {0};
	if (!format || !store_runs(app->db, RUNS_SHOWN, &app->a, &runs, e) ||
	    !digests_list(app->db, &app->a, &digests, e) ||
	    !outbox_list(app->db, NULL, NULL, &app->a, &sent, e))
		return -1;
	if (digests.n && !ledger_list(app->db, digests.v[0].week, &app->a, &cov, e))
		return -1;
	if (!strcmp(format, "json"))
		json(app, &runs, &cov, &sent);
	else
		text(&runs, &cov, &sent);
	return EXIT_DONE;
}
