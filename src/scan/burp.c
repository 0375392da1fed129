/* Burp's XML (scans.md 5.13). Requests, responses and issueDetail hold what was sent and found:
 * never read. */
#include "scan/member.h"

#include <strings.h>

/* The first of several in a list of links. */
static const char *first_cwe(const struct xnode *n, struct arena *a)
{
	const char *s = draft_plain(a, member_child(n, "vulnerabilityClassifications", a));
	const char *p = s ? strcasestr(s, "CWE-") : NULL;
	return p ? draft_cwe(a, arena_strndup(a, p, 4 + strspn(p + 4, "0123456789"))) : NULL;
}

static void read_issue(struct scan_draft *d, const struct xnode *n)
{
	struct arena *a = d->a;
	const char *type = member_child(n, "type", a), *host = member_child(n, "host", a),
		   *path = member_child(n, "path", a);
	struct rec_finding f = {
		.word = member_child(n, "severity", a),
		.rule = type,
		.title = draft_plain(a, member_child(n, "name", a)),
		.message = draft_plain(a, member_child(n, "issueBackground", a)),
		.path = draft_location(a, host && path ? arena_printf(a, "%s%s", host, path)
						       : member_or(host, path)),
		.line = NUM_NONE,
		.fix = draft_plain(a, member_child(n, "remediationBackground", a)),
		.cwe = first_cwe(n, a),
	};
	f.severity = member_severity(f.word, SEV_INFO);
	if (!d->own_target)
		d->own_target = host;
	const char *const parts[] = {type, host, path};
	draft_add(d, &f, parts, ARRAY_SIZE(parts));
}

bool burp_read(const struct scan_input *in, struct scan_draft *d, struct err *e UNUSED)
{
	const struct xnode *root = xml_root(in->xml);
	d->out->tool_version = xml_get(root, "burpVersion", d->a);
	const struct xnode *it = xml_child_named(root, "issue");
	for (; it; it = xml_next_named(it, "issue"))
		read_issue(d, it);
	return true;
}
