#include "collect/aws.h"

#include "base/text.h"
#include "store/deploys.h"

static const struct aws_service ecr = {.host = "api.ecr",
				       .signing = "ecr",
				       .target = "AmazonEC2ContainerRegistry_V20150921.",
				       .env = "ECR"};

/* An image may wait a while for its deployment; it is what ties that to a commit. */
#define PUSHED_BEFORE_S ((int64_t)30 * 86400)

const char *aws_commit_of_tag(const char *tag)
{
	const char *s = text_starts(tag, "sha-") ? tag + 4 : tag;
	size_t n = strspn(s, "0123456789abcdef");
	return n >= 7 && n <= 40 && !s[n] ? s : NULL;
}

/* "sha256-<digest>.sig", ".att", ".sbom": what cosign hangs beside an image. */
static bool is_attachment(const char *tag)
{
	return text_starts(tag, "sha256-") && strlen(tag) >= 71;
}

bool aws_parse_image(const struct jv *v, const struct aws_source *cfg, struct arena *a,
		     struct rec_image *out, bool *skip, struct err *e)
{
	struct rec_image r = {.source = cfg->name, .environment = cfg->environment};
	struct jv tags;
	struct sb b;
	size_t attached = 0;
	if (!json_is_obj(v))
		return json_wrong(v, e, "expected an image");
	if (!json_str(v, "repositoryName", a, &r.repository, e) ||
	    !json_str(v, "imageDigest", a, &r.digest, e) ||
	    !json_epoch(v, "imagePushedAt", &r.pushed_s, e) ||
	    !json_i64_opt(v, "imageSizeInBytes", &r.bytes, e) ||
	    !json_arr_opt(v, "imageTags", &tags, e))
		return false;
	sb_init(&b, a, (size_t)1 << 20);
	for (struct jv it = json_first(&tags); it.n; it = json_next(&it)) {
		const char *tag = json_text(&it, a);
		if (!tag)
			return json_wrong(&it, e, "expected a tag");
		attached += is_attachment(tag);
		sb_addf(&b, "%s%s", b.len ? " " : "", tag);
		const char *sha = aws_commit_of_tag(tag);
		if (sha && (!r.sha || strlen(sha) > strlen(r.sha)))
			r.sha = sha;
	}
	r.tags = sb_finish(&b, NULL, e);
	if (!r.tags)
		return err_wrap(e, "tags of an image in %s", r.repository);
	*skip = attached && attached == json_count(&tags);
	*out = r;
	return true;
}

struct ecr_list {
	struct aws *s;
	const char *repository; /* NULL: the list of repositories */
	struct page_walk walk;
};

static void ask(struct ecr_list *l, struct part *p, const char *token);

static bool images_page(struct ecr_list *l, struct part *p, const struct jv *rows, struct err *e)
{
	struct collect *c = p->c;
	if (!db_begin(c->db, e))
		return false;
	for (struct jv it = json_first(rows); it.n; it = json_next(&it)) {
		struct rec_image i;
		struct err bad = {0};
		bool skip;
		if (!aws_parse_image(&it, l->s->cfg, &c->scratch, &i, &skip, &bad)) {
			collect_short(p, "an image of %s could not be read: %s", l->repository,
				      bad.msg);
			continue;
		}
		/* There is no date filter and no order: every page is read. */
		if (skip || i.pushed_s < c->from_s - PUSHED_BEFORE_S)
			continue;
		if (!deploys_put_image(c->db, &i, clock_now(c->clock), e))
			return false;
	}
	return db_commit(c->db, e);
}

static void repositories_page(struct ecr_list *l, struct part *p, const struct jv *rows)
{
	struct arena *a = p->c->a;
	for (struct jv it = json_first(rows); it.n; it = json_next(&it)) {
		struct err bad = {0};
		struct ecr_list *r = arena_new(a, struct ecr_list);
		*r = (struct ecr_list){.s = l->s};
		collect_expect(p, 1);
		if (!json_str(&it, "repositoryName", a, &r->repository, &bad))
			collect_short(p, "a repository could not be read: %s", bad.msg);
		else
			ask(r, p, NULL);
	}
}

static bool on_page(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct ecr_list *l = ctx;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	struct jv rows;
	struct err bad = {0};
	const char *why, *token = NULL;
	const char *what =
		l->repository ? arena_printf(a, "images of %s", l->repository) : "repositories";
	if (!aws_json(r, l->repository ? "ecr:DescribeImages" : "ecr:DescribeRepositories", a, &j,
		      &why)) {
		if (l->repository)
			collect_short(p, "%s: %s", l->repository, why);
		else
			l->walk.seen.n ? collect_short(p, "%s", why) : collect_fail(p, "%s", why);
		return true;
	}
	struct jv root = json_root(j);
	if (!json_arr(&root, l->repository ? "imageDetails" : "repositories", &rows, &bad)) {
		collect_short(p, "%s: %s", what, bad.msg);
		return true;
	}
	if (!l->repository) {
		collect_expect(p, 0);
		repositories_page(l, p, &rows);
	} else if (!images_page(l, p, &rows, e)) {
		return false;
	}
	enum page_next next = page_aws(&root, "nextToken", a, &token);
	next = page_step(p, &l->walk, next, token, what);
	if (next == PAGE_MORE)
		ask(l, p, token);
	else if (l->repository && next == PAGE_END)
		collect_got(p, 1);
	return true;
}

static void ask(struct ecr_list *l, struct part *p, const char *token)
{
	struct jw *body = jw_obj();
	if (l->repository)
		jw_str(body, "repositoryName", l->repository);
	jw_i64(body, "maxResults", 1000);
	if (token)
		jw_str(body, "nextToken", token);
	aws_call(l->s, p, &ecr, l->repository ? "DescribeImages" : "DescribeRepositories", body,
		 on_page, l);
}

bool aws_ecr_start(struct aws *s, struct part *p, struct err *e UNUSED)
{
	struct ecr_list *l = arena_new(s->c->a, struct ecr_list);
	*l = (struct ecr_list){.s = s};
	ask(l, p, NULL);
	return true;
}
