#include "base/sb.h"
#include "base/text.h"
#include "collect/aws_ecr.h"
#include "collect/ingest.h"
#include "lib/crypto.h"

#define PAGE 1000
/* Enhanced scanning looks again all the time, last a moment ago: collected within this time after
 * the week's end, what it says is the week's. */
#define AFTER_S ((int64_t)2 * 86400)

struct image_scan {
	struct ecr_scans *all;
	const char *repository, *digest;
	struct page_walk walk;
	struct strv pages; /* bodies of those before the last */
};

static void ask(struct image_scan *q, const char *token);

/* One document of several pages: everything of the first, the findings of all. */
static bool join(struct image_scan *q, const struct jv *last, struct arena *a, const char **out,
		 struct err *e)
{
	static const char *const lists[] = {"findings", "enhancedFindings"};
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	struct jw *findings = NULL, *to[ARRAY_SIZE(lists)] = {NULL};
	for (size_t i = 0; i <= q->pages.n; i++) {
		CLEANUP(json_freep) struct json *j = NULL;
		struct jv root = *last;
		if (i < q->pages.n) {
			if (!json_parse(q->pages.v[i], strlen(q->pages.v[i]), &j, e))
				return false;
			root = json_root(j);
		}
		struct jv part = json_get(&root, "imageScanFindings"),
			  status = json_get(&root, "imageScanStatus");
		if (!findings) {
			jw_str(o, "repositoryName", q->repository);
			if (!json_is_null(&status))
				jw_copy(o, "imageScanStatus", &status);
			findings = jw_add_obj(o, "imageScanFindings");
			for (struct jv it = json_first(&part); it.n; it = json_next(&it))
				if (strcmp(it.key, lists[0]) != 0 && strcmp(it.key, lists[1]) != 0)
					jw_copy(findings, it.key, &it);
		}
		for (size_t k = 0; k < ARRAY_SIZE(lists); k++) {
			struct jv list = json_get(&part, lists[k]);
			if (!json_is_null(&list) && !to[k])
				to[k] = jw_add_arr(findings, lists[k]);
			for (struct jv it = json_first(&list); it.n; it = json_next(&it))
				jw_copy(to[k], NULL, &it);
		}
	}
	*out = jw_print(o, false, a);
	return true;
}

static int by_identity(const void *x, const void *y)
{
	const struct rec_finding *a = x, *b = y;
	int c = strcmp(a->identity, b->identity);
	return c ? c : (int)a->suppressed - (int)b->suppressed;
}

/* The same for the same findings of the same image, in whatever order they were told. */
static const char *fingerprint(const struct image_scan *q, struct rec_scan *s, struct arena *a)
{
	struct sb b;
	char *hex = arena_alloc(a, SHA256_HEX);
	if (s->list.n)
		qsort(s->list.v, s->list.n, sizeof *s->list.v, by_identity);
	sb_init(&b, a, (size_t)1 << 28);
	sb_addf(&b, "%s %s\n", q->digest, scan_status_name(s->status));
	for (size_t i = 0; i < s->list.n; i++)
		sb_addf(&b, "%s %s %d\n", s->list.v[i].identity,
			severity_name(s->list.v[i].severity), s->list.v[i].suppressed);
	const char *all = sb_str(&b);
	sha256_hex(all, strlen(all), hex);
	return hex;
}

static bool is_continuous(const struct jv *root, struct arena *a)
{
	struct jv status = json_get(root, "imageScanStatus"), word = json_get(&status, "status");
	return text_eq(json_text(&word, a), "ACTIVE");
}

static bool store(struct image_scan *q, const struct jv *root, const char *text, struct err *e)
{
	struct collect *c = q->all->s->c;
	struct arena *a = &c->scratch;
	int64_t now_s = clock_now(c->clock);
	struct scan_effect effect;
	struct rec_scan s;
	struct scan_opts o = {.tool = "ecr",
			      .target = q->repository,
			      .origin = arena_printf(a, "ecr:%s@%s", q->repository, q->digest),
			      .source = q->all->s->cfg->name,
			      .scanned_s = TIME_NONE,
			      .fallback_s = MIN(now_s, c->to_s - 1)};
	scan_read(text, strlen(text), &o, a, &s);
	if (is_continuous(root, a) && s.scanned_s >= c->to_s && s.scanned_s < c->to_s + AFTER_S)
		s.scanned_s = c->to_s - 1;
	/* Repositories of two accounts may have one name. */
	s.scope = q->all->s->cfg->name;
	s.sha256 = fingerprint(q, &s, a);
	bool usable = ingest_usable(&s);
	collect_got(q->all->p, usable);
	if (!usable || s.status == SCAN_PARTIAL)
		collect_short(q->all->p, "%s: %s%s%s", q->repository, scan_status_name(s.status),
			      s.reason ? ": " : "", s.reason ? s.reason : "");
	return scans_put(c->db, &s, now_s, &effect, e);
}

/* A scan that has only begun says nothing yet, not even that it failed. */
static bool under_way(const struct jv *root, struct arena *a)
{
	struct jv status = json_get(root, "imageScanStatus"), word = json_get(&status, "status");
	const char *s = json_text(&word, a);
	return text_eq(s, "IN_PROGRESS") || text_eq(s, "PENDING");
}

void aws_ecr_scans_settle(struct ecr_scans *all)
{
	if (!all->walked || all->answered < all->asked)
		return;
	if (all->p->l.expected == NUM_NONE)
		collect_expect(all->p, 0);
	if (all->never && all->never == all->asked && all->p->l.status == LEDGER_COMPLETE)
		collect_not_enabled(
			all->p,
			"none of the newest images of %zu repositories was ever scanned: "
			"turn on scanning of the registry in ECR",
			all->never);
}

static bool scan_answer(struct image_scan *q, const struct http_response *r, bool *more,
			struct err *e)
{
	struct part *p = q->all->p;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why, *token = NULL, *what = arena_printf(a, "findings of %s", q->repository);
	if (!aws_json(r, "ecr:DescribeImageScanFindings", a, &j, &why)) {
		if (r->status == 400 && text_eq(aws_error_code(r, a), "ScanNotFoundException")) {
			q->all->never++;
			return true;
		}
		collect_expect(p, 1);
		collect_short(p, "%s: %s", q->repository, why);
		return true;
	}
	struct jv root = json_root(j);
	enum page_next next = page_aws(&root, "nextToken", a, &token);
	next = page_step(p, &q->walk, next, token, what);
	if (next == PAGE_MORE) {
		*more = true;
		vec_push(p->c->a, &q->pages, arena_strndup(p->c->a, r->body, r->len));
		ask(q, token);
		return true;
	}
	collect_expect(p, 1);
	if (next != PAGE_END)
		return true; /* told; half of the findings would fix the others */
	if (under_way(&root, a)) {
		collect_short(p,
			      "%s: the scan of its newest image is still under way: collect again",
			      q->repository);
		return true;
	}
	const char *text = r->body;
	struct err bad = {0};
	if (q->pages.n && !join(q, &root, a, &text, &bad)) {
		collect_short(p, "%s: %s", q->repository, bad.msg);
		return true;
	}
	return store(q, &root, text, e);
}

static bool on_findings(struct part *p UNUSED, const struct http_response *r, void *ctx,
			struct err *e)
{
	struct image_scan *q = ctx;
	bool more = false;
	if (!scan_answer(q, r, &more, e))
		return false;
	q->all->answered += !more;
	aws_ecr_scans_settle(q->all);
	return true;
}

static void ask(struct image_scan *q, const char *token)
{
	struct jw *body = jw_obj();
	jw_str(body, "repositoryName", q->repository);
	jw_str(jw_add_obj(body, "imageId"), "imageDigest", q->digest);
	jw_i64(body, "maxResults", PAGE);
	if (token)
		jw_str(body, "nextToken", token);
	aws_call(q->all->s, q->all->p, &aws_ecr, "DescribeImageScanFindings", body, on_findings, q);
}

void aws_ecr_scan(struct ecr_scans *all, const char *repository, const char *digest)
{
	struct image_scan *q = arena_new(all->s->c->a, struct image_scan);
	*q = (struct image_scan){.all = all, .repository = repository, .digest = digest};
	all->asked++;
	ask(q, NULL);
}
