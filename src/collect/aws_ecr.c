#include "collect/aws_ecr.h"

#include "base/text.h"
#include "store/deploys.h"

const struct aws_service aws_ecr = {.host = "api.ecr",
				    .signing = "ecr",
				    .target = "AmazonEC2ContainerRegistry_V20150921.",
				    .env = "ECR"};

/* An image may wait a while for its deployment; it is what ties that to a commit. */
#define PUSHED_BEFORE_S ((int64_t)30 * 86400)
/* The images of one index are pushed before it, one after the other. */
#define ONE_PUSH_S 600

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

/* Signatures, attestations and charts are artefacts of other kinds than a container's image. */
static bool is_other_artefact(const char *media_type)
{
	return media_type && !text_starts(media_type, "application/vnd.docker.container.image.") &&
	       !text_starts(media_type, "application/vnd.oci.image.");
}

static bool is_index(const char *media_type)
{
	return media_type &&
	       (strstr(media_type, "image.index") || strstr(media_type, "manifest.list"));
}

bool aws_parse_image(const struct jv *v, const struct aws_source *cfg, struct arena *a,
		     struct ecr_image *out, struct err *e)
{
	struct ecr_image x = {.r = {.source = cfg->name, .environment = cfg->environment}};
	struct rec_image *r = &x.r;
	const char *manifest, *artefact, *subject;
	struct jv tags;
	struct sb b;
	size_t attached = 0;
	if (!json_is_obj(v))
		return json_wrong(v, e, "expected an image");
	if (!json_str(v, "repositoryName", a, &r->repository, e) ||
	    !json_str(v, "imageDigest", a, &r->digest, e) ||
	    !json_epoch(v, "imagePushedAt", &r->pushed_s, e) ||
	    !json_i64_opt(v, "imageSizeInBytes", &r->bytes, e) ||
	    !json_str_opt(v, "imageManifestMediaType", a, &manifest, e) ||
	    !json_str_opt(v, "artifactMediaType", a, &artefact, e) ||
	    !json_str_opt(v, "subjectManifestDigest", a, &subject, e) ||
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
		if (sha && (!r->sha || strlen(sha) > strlen(r->sha)))
			r->sha = sha;
	}
	r->tags = sb_finish(&b, NULL, e);
	if (!r->tags)
		return err_wrap(e, "tags of an image in %s", r->repository);
	x.index = is_index(manifest);
	x.attachment = (attached && attached == json_count(&tags)) || is_other_artefact(artefact) ||
		       (subject && *subject);
	*out = x;
	return true;
}

/* --- the walk --- */

struct ecr_walk {
	struct aws *s;
	struct part *pushes; /* NULL: only the scans are wanted */
	struct ecr_scans *scans; /* NULL: not wanted */
	size_t open; /* lists that have not ended */
};

struct newest {
	const char *digest;
	int64_t pushed_s, bytes;
	bool index;
};

struct ecr_list {
	struct ecr_walk *w;
	const char *repository; /* NULL: the list of repositories */
	struct page_walk walk;
	VEC(struct newest) newest; /* of one push's length, the newest included */
};

static void ask(struct ecr_list *l, const char *token);

/* What is lost of the walk is lost for both. */
PRINTF_LIKE(3, 4)
static void lost(struct ecr_walk *w, bool all, const char *fmt, ...)
{
	struct part *const parts[] = {w->pushes, w->scans ? w->scans->p : NULL};
	va_list ap;
	va_start(ap, fmt);
	const char *why = arena_vprintf(&w->s->c->scratch, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i])
			all ? collect_fail(parts[i], "%s", why)
			    : collect_short(parts[i], "%s", why);
}

/* Keeps those that were pushed at most ONE_PUSH_S before the newest: no order is promised. */
static void keep_newest(struct ecr_list *l, const struct ecr_image *x)
{
	struct arena *a = l->w->s->c->a;
	int64_t newest_s = x->r.pushed_s;
	for (size_t i = 0; i < l->newest.n; i++)
		newest_s = MAX(newest_s, l->newest.v[i].pushed_s);
	size_t n = 0;
	for (size_t i = 0; i < l->newest.n; i++)
		if (l->newest.v[i].pushed_s >= newest_s - ONE_PUSH_S)
			l->newest.v[n++] = l->newest.v[i];
	l->newest.n = n;
	if (x->r.pushed_s >= newest_s - ONE_PUSH_S)
		vec_push(a, &l->newest,
			 ((struct newest){.digest = arena_strdup(a, x->r.digest),
					  .pushed_s = x->r.pushed_s,
					  .bytes = x->r.bytes,
					  .index = x->index}));
}

static bool later(const struct newest *x, const struct newest *y)
{
	if (x->pushed_s != y->pushed_s)
		return x->pushed_s > y->pushed_s;
	return strcmp(x->digest, y->digest) > 0;
}

/* The image to look at. Of an index that is its largest part: the others are of other
 * architectures, or attestations of a few kilobytes. */
static const struct newest *choose(const struct ecr_list *l)
{
	const struct newest *last = NULL, *part = NULL;
	for (size_t i = 0; i < l->newest.n; i++) {
		const struct newest *x = &l->newest.v[i];
		if (!last || later(x, last))
			last = x;
		if (!x->index && (!part || x->bytes > part->bytes ||
				  (x->bytes == part->bytes && later(x, part))))
			part = x;
	}
	return last && last->index && part ? part : last;
}

static bool images_page(struct ecr_list *l, const struct jv *rows, struct err *e)
{
	struct ecr_walk *w = l->w;
	struct collect *c = w->s->c;
	if (!db_begin(c->db, e))
		return false;
	for (struct jv it = json_first(rows); it.n; it = json_next(&it)) {
		struct ecr_image x;
		struct err bad = {0};
		if (!aws_parse_image(&it, w->s->cfg, &c->scratch, &x, &bad)) {
			lost(w, false, "an image of %s could not be read: %s", l->repository,
			     bad.msg);
			continue;
		}
		if (x.attachment)
			continue;
		if (w->scans && x.r.pushed_s < c->to_s)
			keep_newest(l, &x);
		/* There is no date filter and no order: every page is read. */
		if (!w->pushes || x.r.pushed_s < c->from_s - PUSHED_BEFORE_S)
			continue;
		if (!deploys_put_image(c->db, &x.r, clock_now(c->clock), e))
			return false;
	}
	return db_commit(c->db, e);
}

static void repositories_page(struct ecr_walk *w, const struct jv *rows)
{
	struct arena *a = w->s->c->a;
	for (struct jv it = json_first(rows); it.n; it = json_next(&it)) {
		struct err bad = {0};
		struct ecr_list *r = arena_new(a, struct ecr_list);
		r->w = w;
		if (w->pushes)
			collect_expect(w->pushes, 1);
		if (json_str(&it, "repositoryName", a, &r->repository, &bad))
			ask(r, NULL);
		else
			lost(w, false, "a repository could not be read: %s", bad.msg);
	}
}

/* A list has ended, whole or not. */
static void list_ended(struct ecr_list *l)
{
	struct ecr_walk *w = l->w;
	const struct newest *x = choose(l);
	w->open--;
	if (!w->scans)
		return;
	w->scans->walked = w->open == 0;
	if (l->repository && x)
		aws_ecr_scan(w->scans, l->repository, x->digest);
	aws_ecr_scans_settle(w->scans);
}

static bool on_page(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct ecr_list *l = ctx;
	struct ecr_walk *w = l->w;
	struct arena *a = &p->c->scratch;
	CLEANUP(json_freep) struct json *j = NULL;
	struct jv rows;
	struct err bad = {0};
	const char *why, *token = NULL;
	const char *what =
		l->repository ? arena_printf(a, "images of %s", l->repository) : "repositories";
	if (!aws_json(r, l->repository ? "ecr:DescribeImages" : "ecr:DescribeRepositories", a, &j,
		      &why)) {
		lost(w, !l->repository && l->walk.seen.n == 0, "%s%s%s",
		     l->repository ? l->repository : "", l->repository ? ": " : "", why);
		l->newest.n = 0; /* a newer one may stand in what was lost */
		list_ended(l);
		return true;
	}
	struct jv root = json_root(j);
	if (!json_arr(&root, l->repository ? "imageDetails" : "repositories", &rows, &bad)) {
		lost(w, false, "%s: %s", what, bad.msg);
		l->newest.n = 0;
		list_ended(l);
		return true;
	}
	if (!l->repository) {
		if (w->pushes)
			collect_expect(w->pushes, 0);
		repositories_page(w, &rows);
	} else if (!images_page(l, &rows, e)) {
		return false;
	}
	enum page_next next = page_aws(&root, "nextToken", a, &token);
	next = page_step(p, &l->walk, next, token, what);
	if (next == PAGE_MORE) {
		ask(l, token);
		w->open--; /* it is the same list */
		return true;
	}
	if (l->repository && next == PAGE_END && w->pushes)
		collect_got(w->pushes, 1);
	list_ended(l);
	return true;
}

static void ask(struct ecr_list *l, const char *token)
{
	struct ecr_walk *w = l->w;
	struct jw *body = jw_obj();
	if (l->repository)
		jw_str(body, "repositoryName", l->repository);
	jw_i64(body, "maxResults", 1000);
	if (token)
		jw_str(body, "nextToken", token);
	w->open++;
	aws_call(w->s, w->pushes ? w->pushes : w->scans->p, &aws_ecr,
		 l->repository ? "DescribeImages" : "DescribeRepositories", body, on_page, l);
}

static void start(struct aws *s, struct part *pushes, struct part *scans)
{
	struct arena *a = s->c->a;
	struct ecr_list *l = arena_new(a, struct ecr_list);
	struct ecr_walk *w = arena_new(a, struct ecr_walk);
	*w = (struct ecr_walk){.s = s, .pushes = pushes};
	if (scans) {
		w->scans = arena_new(a, struct ecr_scans);
		*w->scans = (struct ecr_scans){.s = s, .p = scans};
	}
	l->w = w;
	ask(l, NULL);
}

bool aws_ecr_start(struct aws *s, struct part *p, struct err *e UNUSED)
{
	start(s, p, aws_part(s, "ecr_scans"));
	return true;
}

bool aws_ecr_scans_start(struct aws *s, struct part *p, struct err *e UNUSED)
{
	if (!aws_part(s, "ecr")) /* else its walk finds the images */
		start(s, NULL, p);
	return true;
}
