#include "scan/redact.h"

#include "base/sb.h"
#include "base/text.h"

#include <ctype.h>
#include <strings.h>

#define REMOVED "[removed]"

/* Tokens by how their issuers begin them; min: fewest characters of the rest. */
static const struct token {
	const char *prefix;
	size_t min;
} tokens[] = {
	{"AKIA", 12},	 {"ASIA", 12},	{"ghp_", 20}, {"gho_", 20},
	{"ghu_", 20},	 {"ghs_", 20},	{"ghr_", 20}, {"github_pat_", 20},
	{"glpat-", 16},	 {"xoxa-", 8},	{"xoxb-", 8}, {"xoxp-", 8},
	{"xoxr-", 8},	 {"xoxs-", 8},	{"xapp-", 8}, {"sk_live_", 8},
	{"rk_live_", 8}, {"sk-", 20},	{"AIza", 30}, {"npm_", 30},
	{"SG.", 20},	 {"pypi-", 20}, {"eyJ", 20},  {"hooks.slack.com/services/", 8},
};

static bool token_char(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_-.=/+", c));
}

/* Length of the token at s, 0 when none begins there. */
static size_t token_at(const char *s)
{
	if (!strchr("AgxsrnSpeh", *s)) /* the prefixes' first letters: most words end here */
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++) {
		if (s[0] != tokens[i].prefix[0] || s[1] != tokens[i].prefix[1])
			continue;
		size_t n = strlen(tokens[i].prefix);
		if (strncmp(s, tokens[i].prefix, n) != 0)
			continue;
		size_t end = n;
		while (token_char(s[end]))
			end++;
		if (end - n >= tokens[i].min)
			return end;
	}
	return 0;
}

/* "-----BEGIN … PRIVATE KEY-----" to the end of its END line; without one, all that follows. */
static size_t key_at(const char *s)
{
	if (!text_starts(s, "-----BEGIN"))
		return 0;
	const char *end = strstr(s, "-----END");
	const char *stop = end ? strstr(end + strlen("-----END"), "-----") : NULL;
	return stop ? (size_t)(stop - s) + strlen("-----") : strlen(s);
}

/* "://user:password@": length of what stands between "://" and "@", when it holds a colon. */
static size_t login_at(const char *s)
{
	if (!text_starts(s, "://"))
		return 0;
	size_t n = 3;
	bool colon = false;
	for (; s[n] && !strchr("/@?# \t\r\n\"'<>", s[n]); n++)
		colon = colon || s[n] == ':';
	return s[n] == '@' && colon ? n : 0;
}

/* After "match:" and the like, blanks left out. */
static size_t label_at(const char *s)
{
	static const char *const labels[] = {
		"match:", "secret:", "password:", "passwd:", "token:", "key:", "value:"};
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
		size_t n = strlen(labels[i]);
		if (!strncasecmp(s, labels[i], n))
			return n + strspn(s + n, " \t");
	}
	return 0;
}

static bool opens(const char *s, size_t at)
{
	return strchr("'\"`", s[at]) && s[at] &&
	       (at == 0 ||
		!isalnum((unsigned char)s[at - 1])); /* not the apostrophe of "doesn't" */
}

/* From the first opening quote to the last quote of that kind: a secret may hold quotes. */
static const char *without_quoted(struct arena *a, const char *s)
{
	size_t at = 0;
	while (s[at] && !opens(s, at))
		at++;
	if (!s[at])
		return s;
	const char *last = strrchr(s + at + 1, s[at]);
	return arena_printf(a, "%.*s" REMOVED "%s", (int)at, s, last ? last + 1 : "");
}

static const char *without_labelled(struct arena *a, const char *s)
{
	struct sb b;
	sb_init(&b, a, SIZE_MAX / 8);
	while (*s) {
		size_t n = b.len && isalnum((unsigned char)b.p[b.len - 1]) ? 0 : label_at(s);
		if (!n) {
			sb_addc(&b, *s++);
			continue;
		}
		sb_addn(&b, s, n);
		s += n;
		size_t line = strcspn(s, "\r\n");
		if (line)
			sb_add(&b, REMOVED);
		s += line;
	}
	return sb_str(&b);
}

const char *redact(struct arena *a, const char *s, bool about_secrets)
{
	if (!s)
		return NULL;
	if (about_secrets)
		s = without_labelled(a, without_quoted(a, s));
	struct sb b;
	sb_init(&b, a, SIZE_MAX / 8);
	const char *from = s;
	bool hit = false;
	for (const char *p = s; *p;) {
		bool start = p == s || !isalnum((unsigned char)p[-1]);
		size_t keep = 0, n = start ? key_at(p) : 0;
		if (!n && start)
			n = token_at(p);
		if (!n && *p == ':' && (n = login_at(p)) != 0)
			keep = 3;
		if (!n) {
			p++;
			continue;
		}
		sb_addn(&b, from, (size_t)(p - from) + keep);
		sb_add(&b, REMOVED);
		p += n;
		from = p;
		hit = true;
	}
	if (!hit)
		return s;
	sb_add(&b, from);
	return sb_str(&b);
}

bool redact_about_secrets(const char *const *texts, size_t n)
{
	static const char *const words[] = {
		"password",    "passwd",    "passphrase", "secret",  "credential", "api key",
		"api-key",     "api_key",   "apikey",	  "token",   "entropy",	   "private key",
		"private-key", "hardcoded", "hard-coded", "cwe-798", "cwe-259",	   "cwe-321",
	};
	for (size_t i = 0; i < n; i++) {
		for (const char *p = texts[i]; p && *p; p++) {
			char c = (char)tolower((unsigned char)*p);
			if (!strchr("psctaeh",
				    c)) /* the words' first letters: most texts end here */
				continue;
			for (size_t k = 0; k < ARRAY_SIZE(words); k++)
				if (c == words[k][0] &&
				    tolower((unsigned char)p[1]) == words[k][1] &&
				    !strncasecmp(p, words[k], strlen(words[k])))
					return true;
		}
	}
	return false;
}
