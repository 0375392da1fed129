#include "lib/mail.h"

#include "base/parse.h"
#include "base/text.h"

#include <curl/curl.h>
#include <strings.h>
#include <unistd.h>

#define CONNECT_S   30
#define ADDRESS_MAX 254 /* RFC 5321 4.5.3.1.3 less the angle brackets */
#define LINE_MAX_   998 /* RFC 5322 2.1.1 */
#define ANSWER_CP   300

/* An option that libcurl does not take is a mistake of ours or lack of memory. */
#define SET(easy, opt, value) BUG_ON(curl_easy_setopt((easy), (opt), (value)) != CURLE_OK)

struct sending {
	struct arena *a;
	const char *p;
	size_t left, len;
	int64_t size_limit;
	bool too_large;
	const char *last; /* the server's last line, without its line end */
};

static size_t on_read(char *buf, size_t size, size_t n, void *ctx)
{
	struct sending *s = ctx;
	n = MIN(size * n, s->left);
	memcpy(buf, s->p, n);
	s->p += n;
	s->left -= n;
	return n;
}

/* Every line of the server's. */
static size_t on_line(char *p, size_t size, size_t n, void *ctx)
{
	struct sending *s = ctx;
	n *= size;
	size_t len = n;
	while (len && (p[len - 1] == '\r' || p[len - 1] == '\n'))
		len--;
	if (len >= 3 && strncmp(p, "221", 3) != 0) /* which only answers QUIT */
		s->last = arena_strndup(s->a, p, len);
	/* "250-SIZE 10240000" or "250 SIZE 10240000" of EHLO; 0 there means no limit. */
	int64_t limit;
	if (len > 9 && strncmp(p, "250", 3) == 0 && strncasecmp(p + 4, "SIZE ", 5) == 0 &&
	    parse_i64_n(p + 9, len - 9, &limit) && limit > 0) {
		s->size_limit = limit;
		if ((int64_t)s->len > limit) {
			s->too_large = true;
			return 0; /* ends the transfer before MAIL FROM */
		}
	}
	return n;
}

bool mail_address(const char *s, struct arena *a, const char **out, struct err *e)
{
	const char *from = s ? s : "";
	size_t n = strlen(from);
	const char *open = strrchr(from, '<');
	if (open) {
		const char *close = strchr(open, '>');
		if (!close || close[1 + strspn(close + 1, " ")] != '\0')
			return err_set(e, ERR_CONFIG, "\"%s\" is not an address", from);
		from = open + 1;
		n = (size_t)(close - from);
	} else {
		from += strspn(from, " ");
		n = strlen(from);
		while (n && from[n - 1] == ' ')
			n--;
	}
	const char *at = memchr(from, '@', n);
	bool ok = at && at > from && at < from + n - 1 && n <= ADDRESS_MAX &&
		  !memchr(at + 1, '@', n - (size_t)(at + 1 - from));
	for (size_t i = 0; i < n; i++)
		ok = ok && from[i] > ' ' && from[i] < 0x7f && !strchr("<>()[]\\,;:\"", from[i]);
	if (!ok) {
		struct arena scratch = {0};
		err_set(e, ERR_CONFIG, "\"%s\" is not an address (plain ASCII: name@example.org)",
			text_line(&scratch, s ? s : "", 80));
		arena_release(&scratch);
		return false;
	}
	*out = arena_strndup(a, from, n);
	return true;
}

static bool check_bare(const char *s, const char *what, struct err *e)
{
	struct arena a = {0};
	const char *bare;
	bool ok = mail_address(s, &a, &bare, e);
	if (!ok)
		err_wrap(e, "%s", what);
	else if (strcmp(bare, s) != 0)
		ok = err_set(e, ERR_CONFIG, "%s: not a bare address", what);
	arena_release(&a);
	return ok;
}

/* Servers refuse bare line ends since they were used to smuggle messages. */
static bool check_message(const char *p, size_t len, struct err *e)
{
	size_t line = 0;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)p[i];
		if (c == '\r' && i + 1 < len && p[i + 1] == '\n') {
			line = 0;
			i++;
			continue;
		}
		if (c == '\r' || c == '\n' || c == '\0' || c > 0x7f || ++line > LINE_MAX_)
			return err_set(e, ERR_BUG, "message is not fit for SMTP at byte %zu", i);
	}
	return true;
}

static bool is_loopback(const char *host)
{
	return text_ieq(host, "localhost") || text_starts(host, "127.") || text_eq(host, "[::1]");
}

/* The server's address with our name as its path, which is where libcurl takes HELO from. */
static bool server_url(const struct mail_server *s, struct arena *a, const char **out,
		       struct err *e)
{
	char name[256] = "";
	if (s->helo)
		snprintf(name, sizeof name, "%s", s->helo);
	else if (gethostname(name, sizeof name - 1) != 0)
		snprintf(name, sizeof name, "localhost");
	for (char *p = name; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.[]:",
			    *p))
			*p = '-';
	CURLU *u = curl_url();
	BUG_ON(!u);
	char *scheme = NULL, *host = NULL, *user = NULL, *whole = NULL;
	bool ok = s->url && curl_url_set(u, CURLUPART_URL, s->url, 0) == CURLUE_OK &&
		  curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		  curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		  (strcmp(scheme, "smtp") == 0 || strcmp(scheme, "smtps") == 0);
	if (!ok)
		err_set(e, ERR_CONFIG,
			"the mail server's address is not smtp://host:port or "
			"smtps://host:port");
	else if (curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_OK)
		ok = err_set(e, ERR_CONFIG,
			     "the mail server's address holds a user: give \"user\" "
			     "and \"password\" instead");
	else if (s->tls_none && !is_loopback(host))
		ok = err_set(e, ERR_CONFIG,
			     "mail server \"%s\": tls \"none\" is for this machine only", host);
	if (ok) {
		BUG_ON(curl_url_set(u, CURLUPART_PATH, arena_printf(a, "/%s", name), 0) !=
			       CURLUE_OK ||
		       curl_url_get(u, CURLUPART_URL, &whole, 0) != CURLUE_OK);
		*out = arena_strdup(a, whole);
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_free(whole);
	curl_url_cleanup(u);
	return ok;
}

static const char *queue_id(const char *line, struct arena *a)
{
	const char *at = line ? strstr(line, "queued as ") : NULL;
	if (!at)
		return NULL;
	at += strlen("queued as ");
	return *at ? arena_strndup(a, at, strcspn(at, " \t")) : NULL;
}

/* The table of shared notes api-email 2, measured with this libcurl. */
static enum mail_outcome judge(CURLcode rc, int code)
{
	if (rc == CURLE_OK)
		return MAIL_SENT;
	if (code == 354) /* after DATA: nobody can tell */
		return MAIL_UNKNOWN;
	if (code >= 500 && code < 600)
		return MAIL_REFUSED;
	if (code >= 400)
		return MAIL_LATER;
	switch ((int)rc) { /* libcurl's numbers: most of them are the network */
	case CURLE_USE_SSL_FAILED:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_LOGIN_DENIED:
		return MAIL_REFUSED; /* stays so until somebody does something */
	default:
		return MAIL_LATER;
	}
}

static const char *reason(CURLcode rc, const struct mail_server *s, const char *words)
{
	switch ((int)rc) {
	case CURLE_USE_SSL_FAILED:
		return text_starts(s->url, "smtps:")
			       ? "no TLS with the mail server"
			       : "the mail server offers no STARTTLS: nothing was sent";
	case CURLE_LOGIN_DENIED:
		return "the mail server refuses the login, or offers neither PLAIN nor LOGIN";
	default:
		return words[0] ? words : curl_easy_strerror(rc);
	}
}

static void setup(CURL *c, const struct mail_server *s, const char *url, struct sending *state,
		  char *words)
{
	SET(c, CURLOPT_URL, url);
	SET(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	SET(c, CURLOPT_ERRORBUFFER, words);
	SET(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(c, CURLOPT_CONNECTTIMEOUT, (long)MIN(CONNECT_S, MAX(1, s->timeout_s)));
	SET(c, CURLOPT_TIMEOUT, (long)MAX(1, s->timeout_s));
	SET(c, CURLOPT_USE_SSL, s->tls_none ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
	SET(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (s->ca_file)
		SET(c, CURLOPT_CAINFO, s->ca_file);
	if (s->user) {
		SET(c, CURLOPT_USERNAME, s->user);
		SET(c, CURLOPT_PASSWORD, s->password ? s->password : "");
		/* Left alone, a name with "@" and an offer of GSSAPI starts Kerberos. */
		SET(c, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
	}
	SET(c, CURLOPT_UPLOAD, 1L);
	SET(c, CURLOPT_READFUNCTION, on_read);
	SET(c, CURLOPT_READDATA, state);
	SET(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)state->len); /* gives MAIL FROM its SIZE= */
	SET(c, CURLOPT_HEADERFUNCTION, on_line);
	SET(c, CURLOPT_HEADERDATA, state);
}

bool mail_send(const struct mail_server *s, const char *from, const char *to, const char *message,
	       size_t len, struct arena *a, struct mail_result *out, struct err *e)
{
	const char *url;
	if (!check_bare(from, "sender", e) || !check_bare(to, "recipient", e) ||
	    !check_message(message, len, e) || !server_url(s, a, &url, e))
		return false;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(e, ERR_BUG, "libcurl does not start");
	struct sending state = {.a = a, .p = message, .left = len, .len = len};
	char words[CURL_ERROR_SIZE] = "";
	/* A handle of its own: libcurl would repeat a transfer on a kept connection that broke. */
	CURL *c = curl_easy_init();
	BUG_ON(!c);
	setup(c, s, url, &state, words);
	struct curl_slist *rcpt = curl_slist_append(NULL, arena_printf(a, "<%s>", to));
	BUG_ON(!rcpt);
	SET(c, CURLOPT_MAIL_FROM, arena_printf(a, "<%s>", from));
	SET(c, CURLOPT_MAIL_RCPT, rcpt);
	CURLcode rc = curl_easy_perform(c);
	long code = 0;
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);

	struct mail_result r = {.code = (int)code, .size_limit = state.size_limit};
	r.outcome = judge(rc, r.code);
	bool spoke = r.code >= 400 || rc == CURLE_OK;
	r.answer = spoke && state.last ? state.last : reason(rc, s, words);
	if (rc == CURLE_OK) {
		r.queue_id = queue_id(state.last, a);
	} else if (state.too_large) {
		r.outcome = MAIL_REFUSED;
		r.code = 552;
		r.answer = arena_printf(a, "the message has %zu bytes, the server takes %lld", len,
					(long long)state.size_limit);
	} else if (r.outcome == MAIL_UNKNOWN) {
		r.answer = arena_printf(a, "connection lost after DATA (%s): it may have arrived",
					r.answer);
	}
	r.answer = text_line(a, r.answer, ANSWER_CP);
	*out = r;
	curl_slist_free_all(rcpt);
	curl_easy_cleanup(c);
	curl_global_cleanup();
	return true;
}

bool mail_probe(const struct mail_server *s, struct arena *a, struct mail_result *out,
		struct err *e)
{
	const char *url;
	if (!server_url(s, a, &url, e))
		return false;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(e, ERR_BUG, "libcurl does not start");
	struct sending state = {.a = a, .p = ""};
	char words[CURL_ERROR_SIZE] = "";
	CURL *c = curl_easy_init();
	BUG_ON(!c);
	setup(c, s, url, &state, words);
	SET(c, CURLOPT_UPLOAD, 0L);
	SET(c, CURLOPT_NOBODY, 1L);
	SET(c, CURLOPT_CUSTOMREQUEST, "NOOP");
	CURLcode rc = curl_easy_perform(c);
	long code = 0;
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
	struct mail_result r = {.code = (int)code, .size_limit = state.size_limit};
	r.outcome = judge(rc, r.code);
	bool spoke = r.code >= 400 || rc == CURLE_OK;
	r.answer = text_line(a, spoke && state.last ? state.last : reason(rc, s, words), ANSWER_CP);
	*out = r;
	curl_easy_cleanup(c);
	curl_global_cleanup();
	return true;
}
