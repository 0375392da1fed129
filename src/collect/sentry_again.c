/* A week collected again on the same day. Sentry has no ETag, so what spares the second collection
 * is evidence: the week is over and was listed whole after its end, nothing of the configuration
 * changed since, the token still sees the same projects, and Sentry's own statistics of the week
 * are to the event what they were. Then its windowed counts are, too, and the earlier answers
 * stand, as of when they were given. */
#include "base/text.h"
#include "collect/sentry.h"
#include "lib/crypto.h"
#include "store/ledger.h"

#define MARGIN_S ((int64_t)3600) /* events of the week's last minutes arrive after its end */
#define STANDS_S ((int64_t)86400) /* statuses move on: the next day all of it is asked again */

#define FACT "collected" /* text: digest of the question and the statistics */

static const char *text_or(const char *s)
{
	return s ? s : "?";
}

static void add_list(struct sb *b, const struct strv *list)
{
	for (size_t i = 0; i < list->n; i++)
		sb_addf(b, "%s,", list->v[i]);
	sb_addc(b, '\n');
}

/* All that decides what is asked for: another answer to the same questions is Sentry's doing. */
static const char *fingerprint(const struct sentry *s)
{
	struct arena *a = s->c->a;
	struct sb b;
	char hex[SHA256_HEX];
	sb_init(&b, a, (size_t)1 << 22);
	sb_addf(&b, "%s\n%s\n%s\n%s\n", s->c->version, s->base, s->token, s->filter);
	add_list(&b, &s->cfg->projects);
	add_list(&b, &s->cfg->environments);
	add_list(&b, &s->cfg->collect);
	for (size_t i = 0; i < s->projects.n; i++)
		sb_addf(&b, "%s %s\n", s->projects.v[i]->key, s->projects.v[i]->slug);
	const char *text = sb_str(&b);
	sha256_hex(text, strlen(text), hex);
	return arena_strdup(a, hex);
}

static const struct ledger *row_of(const struct ledgers *list, const struct part *p)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->v[i].source, p->l.source) && !strcmp(list->v[i].part, p->l.part))
			return &list->v[i];
	return NULL;
}

static bool stands(const struct sentry *s, const struct ledger *l)
{
	int64_t now_s = clock_now(s->c->clock);
	return l && (l->status == LEDGER_COMPLETE || l->status == LEDGER_NOT_ENABLED) &&
	       l->as_of_s >= s->c->week.to_s + MARGIN_S && l->as_of_s <= now_s &&
	       now_s - l->as_of_s < STANDS_S;
}

static bool all_stand(const struct sentry *s, const struct ledgers *list)
{
	const struct ledger *volume = s->volume ? row_of(list, s->volume) : NULL;
	if (!volume || volume->status != LEDGER_COMPLETE) /* no statistics, no evidence */
		return false;
	for (size_t i = 0; i < s->parts.n; i++)
		if (!stands(s, row_of(list, s->parts.v[i])))
			return false;
	return true;
}

struct again {
	struct sentry *s;
	struct ledgers earlier;
	const char *evidence; /* of then */
};

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* A digest of the answer's counts; the order of projects in it means nothing. NULL: it has none. */
static const char *evidence(const struct sentry *s, const struct jv *volume, struct arena *a)
{
	struct jv groups = json_get(volume, "groups"), intervals = json_get(volume, "intervals");
	struct strv lines = {0};
	struct sb b;
	char hex[SHA256_HEX];
	sb_init(&b, a, (size_t)1 << 24);
	for (struct jv it = json_first(&intervals); it.n; it = json_next(&it))
		sb_addf(&b, "%s ", text_or(json_text(&it, a)));
	for (struct jv g = json_first(&groups); g.n; g = json_next(&g)) {
		struct sb line;
		struct jv by = json_get(&g, "by"), project = json_get(&by, "project"),
			  series = json_get(&g, "series"),
			  sums = json_get(&series, "sum(quantity)");
		sb_init(&line, a, (size_t)1 << 20);
		sb_addf(&line, "\n%s:", text_or(json_text(&project, a)));
		for (struct jv it = json_first(&sums); it.n; it = json_next(&it))
			sb_addf(&line, " %s", text_or(json_text(&it, a)));
		vec_push(a, &lines, sb_str(&line));
	}
	if (!lines.n)
		return NULL;
	qsort(lines.v, lines.n, sizeof *lines.v, by_text);
	for (size_t i = 0; i < lines.n; i++)
		sb_add(&b, lines.v[i]);
	sb_addf(&b, "\n%s", s->question);
	const char *text = sb_str(&b);
	sha256_hex(text, strlen(text), hex);
	return arena_strdup(a, hex);
}

void sentry_remember(struct sentry *s, const struct jv *volume)
{
	struct fact f = {.week = s->c->week.name,
			 .source = s->cfg->name,
			 .name = FACT,
			 .text = evidence(s, volume, s->c->a),
			 .value = NUM_NONE,
			 .at_s = TIME_NONE};
	if (f.text)
		collect_fact_at_end(s->c, &f);
}

/* What was remembered, for this question and these counts; NULL: nothing. */
static bool remembered(struct sentry *s, const char **out, struct err *e)
{
	struct facts list;
	*out = NULL;
	if (!facts_list(s->c->db, s->c->week.name, s->c->a, &list, e))
		return false;
	for (size_t i = 0; i < list.n; i++)
		if (!strcmp(list.v[i].source, s->cfg->name) && !strcmp(list.v[i].name, FACT))
			*out = list.v[i].text;
	return true;
}

/* Nobody may take the week for collected while it is being stated anew. */
static bool begin_anew(struct sentry *s, struct err *e)
{
	struct collect *c = s->c;
	if (!db_begin(c->db, e) || !facts_forget(c->db, c->week.name, s->cfg->name, FACT, e) ||
	    !db_commit(c->db, e))
		return false;
	sentry_collect(s);
	return true;
}

static bool on_statistics(struct part *p UNUSED, const struct http_response *r, void *ctx,
			  struct err *e)
{
	struct again *x = ctx;
	struct sentry *s = x->s;
	struct arena *a = &s->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why;
	if (!answer_json(r, "event volume", &sentry_hints, a, &j, &why))
		return begin_anew(s, e);
	struct jv root = json_root(j);
	if (!text_eq(evidence(s, &root, a), x->evidence))
		return begin_anew(s, e);
	for (size_t i = 0; i < s->parts.n; i++)
		collect_carry(s->parts.v[i], row_of(&x->earlier, s->parts.v[i]));
	return true;
}

bool sentry_again(struct sentry *s, struct err *e)
{
	struct collect *c = s->c;
	struct again *x = arena_new(c->a, struct again);
	*x = (struct again){.s = s};
	s->question = fingerprint(s);
	if (!ledger_list(c->db, c->week.name, c->a, &x->earlier, e) ||
	    !remembered(s, &x->evidence, e))
		return false;
	if (!x->evidence || !all_stand(s, &x->earlier))
		return begin_anew(s, e);
	sentry_ask_volume(s, on_statistics, x);
	return true;
}
