#include "services/fault.h"

#include "base/file.h"
#include "base/parse.h"
#include "base/text.h"

void faults_init(struct faults *f, const char *control)
{
	*f = (struct faults){.control = control};
	pthread_mutex_init(&f->lock, NULL);
}

static bool take(char *to, size_t size, const char *from, size_t n)
{
	if (n == 0 || n >= size)
		return false;
	memcpy(to, from, n);
	to[n] = '\0';
	return true;
}

static bool known(const char *kind)
{
	static const char *const kinds[] = {
		"html200",	   "html500",	    "truncate",		 "cut",
		"empty",	   "drop",	    "drop-after-send",	 "timeout",
		"secondary",	   "repeat-cursor", "wrong-type",	 "slow",
		"drop-after-data", "drop-in-data",  "hang-after-data",	 "data-451",
		"data-552",	   "data-554",	    "rcpt-451",		 "rcpt-550",
		"auth-535",	   "invalid_auth",  "channel_not_found", "invalid_blocks",
		"ratelimited",	   "connect-421",   "no-starttls"};
	int64_t status;
	if (parse_i64(kind, &status))
		return status >= 300 && status < 600;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (text_eq(kind, kinds[i]))
			return true;
	return false;
}

bool faults_add(struct faults *f, const char *spec, struct err *e)
{
	struct fault x = {0};
	const char *colon = strchr(spec, ':'),
		   *slash = colon ? memchr(spec, '/', (size_t)(colon - spec)) : NULL;
	const char *last = colon ? strchr(colon + 1, ':') : NULL;
	bool ok = colon &&
		  take(x.service, sizeof x.service, spec, (size_t)((slash ? slash : colon) - spec));
	if (ok && slash)
		ok = take(x.part, sizeof x.part, slash + 1, (size_t)(colon - slash - 1));
	if (ok)
		ok = take(x.kind, sizeof x.kind, colon + 1,
			  last ? (size_t)(last - colon - 1) : strlen(colon + 1)) &&
		     known(x.kind);
	if (ok && last) {
		size_t n = strlen(last + 1);
		x.onwards = n && last[n] == '+';
		ok = parse_i64_n(last + 1, n - x.onwards, &x.nth) && x.nth > 0;
	}
	if (!ok || f->n == ARRAY_SIZE(f->v))
		return err_set(e, ERR_USAGE, "fault \"%s\": expected SERVICE[/PART]:KIND[:N[+]]",
			       spec);
	f->v[f->n++] = x;
	return true;
}

static void reload(struct faults *f)
{
	struct arena a = {0};
	struct err e = {0};
	const char *text = "";
	size_t len = 0;
	if (file_exists(f->control) && !file_read(f->control, 65536, &a, &text, &len, &e))
		text = "", len = 0;
	uint64_t hash = 1469598103934665603u;
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)text[i]) * 1099511628211u;
	if (hash != f->control_hash) {
		f->control_hash = hash;
		f->n = f->flags;
		for (const char *p = text; *p;) {
			size_t n = strcspn(p, "\n");
			char *line = arena_strndup(&a, p, n);
			if (n && line[0] != '#' && !faults_add(f, line, &e))
				fprintf(stderr, "%s: %s\n", f->control, e.msg);
			p += n + (p[n] == '\n');
		}
	}
	arena_release(&a);
}

bool faults_hit(struct faults *f, const char *service, const char *what, char kind[32])
{
	bool hit = false;
	pthread_mutex_lock(&f->lock);
	if (f->control)
		reload(f);
	for (size_t i = 0; i < f->n; i++) {
		struct fault *x = &f->v[i];
		if (!text_eq(x->service, service) || (x->part[0] && !strstr(what, x->part)))
			continue;
		/* The mail server asks for one kind at a time: only where that can happen does it
		 * count. */
		if (text_eq(service, "smtp") && !text_eq(x->kind, what))
			continue;
		x->seen++;
		if (!hit &&
		    (x->nth == 0 || x->seen == x->nth || (x->onwards && x->seen > x->nth))) {
			memcpy(kind, x->kind, sizeof x->kind);
			hit = true;
		}
	}
	pthread_mutex_unlock(&f->lock);
	return hit;
}
