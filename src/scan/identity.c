#include "scan/identity.h"

#include "base/sb.h"
#include "base/text.h"
#include "lib/crypto.h"
#include "scan/scan.h"

#define IDENTITY_HEX 32

const char *identity_make(struct arena *a, const char *const *parts, size_t n)
{
	struct sb b;
	sb_init(&b, a, SIZE_MAX / 8);
	for (size_t i = 0; i < n; i++) { /* lengths, so that no two lists of parts read alike */
		const char *p = parts[i] ? parts[i] : "";
		sb_addf(&b, "%zu:", strlen(p));
		sb_add(&b, p);
	}
	char hex[SHA256_HEX];
	const char *text = sb_str(&b);
	sha256_hex(text, b.len, hex);
	return arena_strndup(a, hex, IDENTITY_HEX);
}

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int compare(const void *x, const void *y)
{
	const struct rec_finding *a = *(struct rec_finding *const *)x,
				 *b = *(struct rec_finding *const *)y;
	int c = compare_text(a->identity, b->identity);
	if (!c)
		c = a->suppressed - b->suppressed;
	if (!c)
		c = (a->line > b->line) - (a->line < b->line);
	if (!c)
		c = (int)a->severity - (int)b->severity;
	const char *const left[] = {a->title, a->path, a->fix, a->cve, a->message, a->word},
			  *const right[] = {b->title, b->path, b->fix, b->cve, b->message, b->word};
	for (size_t i = 0; !c && i < ARRAY_SIZE(left); i++)
		c = compare_text(left[i], right[i]);
	return c;
}

void identity_number(struct rec_finding *list, size_t n, struct arena *a)
{
	struct rec_finding **order = arena_array(a, struct rec_finding *, n + 1);
	for (size_t i = 0; i < n; i++)
		order[i] = &list[i];
	qsort(order, n, sizeof(struct rec_finding *), compare);
	const char *base = NULL;
	bool suppressed = false;
	size_t k = 0;
	for (size_t i = 0; i < n; i++) {
		struct rec_finding *f = order[i];
		k = base && !strcmp(base, f->identity) && suppressed == f->suppressed ? k + 1 : 1;
		base = f->identity;
		suppressed = f->suppressed;
		if (k > 1)
			f->identity = arena_printf(a, "%s-%zu", base, k);
	}
}

static int compare_strong(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

void identity_fingerprints(struct rec_finding *list, size_t n, struct arena *a)
{
	const char **all = arena_array(a, const char *, n + 1);
	size_t have = 0, differ = 0;
	for (size_t i = 0; i < n; i++)
		if (list[i].strong)
			all[have++] = list[i].strong;
	qsort(all, have, sizeof *all, compare_strong);
	for (size_t i = 0; i < have; i++)
		differ += i == 0 || strcmp(all[i - 1], all[i]) != 0;
	if (10 * differ >= 9 * have)
		return;
	for (size_t i = 0; i < n; i++)
		list[i].strong = NULL;
}

const char *identity_tool(struct arena *a, const char *name)
{
	static const struct {
		const char *name, *tool;
	} known[] = {
		{"semgrep-oss", "semgrep"},
		{"semgrep-pro", "semgrep"},
		{"codeql-command-line-toolchain", "codeql"},
		{"defsec", "tfsec"}, /* what tfsec 1.x called its SARIF driver */
		{"owasp-zap", "zap"},
		{"zed-attack-proxy", "zap"},
	};
	char slug[64];
	size_t n = 0;
	for (const char *p = name ? name : ""; *p && n < sizeof slug - 1; p++) {
		char c = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			slug[n++] = c;
		else if (n && slug[n - 1] != '-')
			slug[n++] = '-';
	}
	while (n && slug[n - 1] == '-')
		n--;
	slug[n] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(slug, known[i].name))
			return known[i].tool;
	return n ? arena_strdup(a, slug) : "unknown";
}

const char *scan_path(struct arena *a, const char *path)
{
	char *p = arena_strdup(a, path ? path : "");
	for (char *q = p; *q; q++)
		if (*q == '\\')
			*q = '/';
	for (;;) {
		if (text_starts(p, "file://"))
			p += strlen("file://");
		else if (text_starts(p, "./"))
			p += 2;
		else if (*p == '/')
			p++;
		else
			return p;
	}
}
