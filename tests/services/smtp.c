#include "services/server.h"

#include "base/file.h"
#include "base/text.h"
#include "lib/crypto.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

/* A mail server that keeps what it accepts: DIR/mail/0001.eml holds the bytes between DATA and the
 * dot as they were before dot-stuffing, DIR/mail.log one line a transaction: number, sender,
 * recipients. STARTTLS on the plain port, TLS at once on the other, with a certificate made at
 * start (DIR/ca.pem). */

enum { LINE_MAX_BYTES = 1 << 16, HANG_S = 120 };
#define MESSAGE_MAX ((size_t)32 * 1024 * 1024)
#define SIZE_LIMIT  10485760 /* as announced */

struct smtp {
	struct context *c;
	SSL_CTX *tls;
	int listen_fd;
	bool implicit;
};

struct talk {
	const struct smtp *s;
	int fd;
	SSL *ssl;
	struct arena a;
	char in[8192];
	size_t in_n, in_at;
	bool logged_in;
};

static int64_t taken; /* messages so far; under the context's lock */

static bool say(struct talk *t, const char *text)
{
	const char *line = arena_printf(&t->a, "%s\r\n", text);
	size_t n = strlen(line);
	return t->ssl ? SSL_write(t->ssl, line, (int)n) == (int)n
		      : send(t->fd, line, n, MSG_NOSIGNAL) == (ssize_t)n;
}

static int next_byte(struct talk *t)
{
	if (t->in_at == t->in_n) {
		ssize_t n = t->ssl ? SSL_read(t->ssl, t->in, sizeof t->in)
				   : recv(t->fd, t->in, sizeof t->in, 0);
		if (n <= 0)
			return -1;
		t->in_n = (size_t)n;
		t->in_at = 0;
	}
	return (unsigned char)t->in[t->in_at++];
}

/* A line without its CRLF; NULL when the connection ended. *bare: it ended in a bare LF. */
static char *next_line(struct talk *t, bool *bare)
{
	struct sb b;
	int ch;
	sb_init(&b, &t->a, LINE_MAX_BYTES);
	while ((ch = next_byte(t)) >= 0 && ch != '\n')
		sb_addc(&b, (char)ch);
	if (ch < 0 || b.over)
		return NULL;
	char *s = arena_strndup(&t->a, b.len ? sb_str(&b) : "", b.len);
	*bare = b.len == 0 || s[b.len - 1] != '\r';
	if (!*bare)
		s[b.len - 1] = '\0';
	return s;
}

static bool fault(struct talk *t, const char *const *kinds, size_t n, char kind[32])
{ /* a fault counts only at the place where it is played */
	for (size_t i = 0; i < n; i++)
		if (faults_hit(&t->s->c->faults, "smtp", kinds[i], kind) && text_eq(kind, kinds[i]))
			return true;
	return false;
}

static void store(struct talk *t, const char *from, const char *to, const char *data, size_t len)
{
	struct context *c = t->s->c;
	struct err e = {0};
	if (!c->dir)
		return;
	pthread_mutex_lock(&c->lock);
	int64_t n = ++taken;
	pthread_mutex_unlock(&c->lock);
	const char *path = arena_printf(&t->a, "%s/mail/%04lld.eml", c->dir, (long long)n);
	if (!file_write(path, data, len, 0644, &e))
		fprintf(stderr, "services: %s\n", e.msg);
	context_log(c, "mail.log",
		    arena_printf(&t->a, "%04lld %s %s%s", (long long)n, from, to,
				 t->ssl ? " tls" : ""));
}

static const char *address(struct talk *t, const char *line)
{
	const char *a = strchr(line, '<'), *b = a ? strchr(a, '>') : NULL;
	return b ? arena_strndup(&t->a, a + 1, (size_t)(b - a - 1)) : NULL;
}

/* False: the connection is over. */
static bool data(struct talk *t, const char *from, const char *to)
{
	static const char *const in_data[] = {"drop-in-data"};
	static const char *const after[] = {"drop-after-data", "hang-after-data", "data-451",
					    "data-552", "data-554"};
	char kind[32];
	struct sb b;
	bool bare = false;
	sb_init(&b, &t->a, MESSAGE_MAX);
	if (!say(t, "354 End data with <CR><LF>.<CR><LF>"))
		return false;
	if (fault(t, in_data, 1, kind))
		return false;
	for (;;) {
		bool this_bare;
		const char *line = next_line(t, &this_bare);
		if (!line)
			return false;
		if (text_eq(line, ".") && !this_bare)
			break;
		bare |= this_bare;
		sb_add(&b, *line == '.' ? line + 1 : line);
		sb_add(&b, this_bare ? "\n" : "\r\n");
	}
	size_t len = b.len;
	const char *text = sb_str(&b);
	bool hit = fault(t, after, ARRAY_SIZE(after), kind);
	if (bare)
		return say(t, "521 5.5.2 bare <LF> received");
	if (len > SIZE_LIMIT)
		return say(t, "552 5.3.4 message too large");
	if (hit && text_eq(kind, "data-451"))
		return say(t, "451 4.3.0 try again later");
	if (hit && text_eq(kind, "data-552"))
		return say(t, "552 5.3.4 message too large");
	if (hit && text_eq(kind, "data-554"))
		return say(t, "554 5.7.1 refused");
	store(t, from, to, text, len); /* the two that follow took it, and the client cannot know */
	if (hit && text_eq(kind, "drop-after-data"))
		return false;
	if (hit) {
		sleep(HANG_S);
		return false;
	}
	return say(t, arena_printf(&t->a, "250 2.0.0 Ok: queued as EX%06lld", (long long)taken));
}

static bool start_tls(struct talk *t)
{
	t->ssl = SSL_new(t->s->tls);
	SSL_set_fd(t->ssl, t->fd);
	t->in_n = t->in_at = 0;
	return SSL_accept(t->ssl) == 1;
}

static bool login_ok(struct talk *t, const char *line)
{ /* AUTH PLAIN, in one line or after 334 */
	const struct context *c = t->s->c;
	bool bare;
	const char *given = strlen(line) > 11 ? line + 11 : NULL;
	if (!given) {
		if (!say(t, "334 ") || !(given = next_line(t, &bare)))
			return false;
	}
	struct sb b;
	sb_init(&b, &t->a, 1024);
	sb_addc(&b, '\0');
	sb_add(&b, c->smtp_user);
	sb_addc(&b, '\0');
	sb_add(&b, c->smtp_password);
	return text_eq(given, base64(&t->a, b.p, b.len));
}

static bool command(struct talk *t, const char *line, const char **from, const char **to)
{
	static const char *const rcpt[] = {"rcpt-451", "rcpt-550"}, *const auth[] = {"auth-535"},
				 *const no_tls[] = {"no-starttls"};
	char kind[32];
	const char *verb = text_lower(&t->a, line);
	if (text_starts(verb, "ehlo")) {
		bool tls = !t->ssl && !fault(t, no_tls, 1, kind);
		return say(t, "250-mail.example.org") &&
		       say(t, arena_printf(&t->a, "250-SIZE %d", SIZE_LIMIT)) &&
		       (!tls || say(t, "250-STARTTLS")) && say(t, "250-AUTH PLAIN") &&
		       say(t, "250 8BITMIME");
	}
	if (text_starts(verb, "helo"))
		return say(t, "250 mail.example.org");
	if (text_starts(verb, "starttls"))
		return say(t, "220 ready") && start_tls(t);
	if (text_starts(verb, "auth plain")) {
		t->logged_in = !fault(t, auth, 1, kind) && login_ok(t, line);
		return say(t,
			   t->logged_in ? "235 2.7.0 welcome" : "535 5.7.8 authentication failed");
	}
	if (text_starts(verb, "mail from:")) {
		if (t->s->c->require_auth && !t->logged_in)
			return say(t, "530 5.7.0 authentication required");
		*from = address(t, line);
		*to = NULL;
		return say(t, *from ? "250 2.1.0 Ok" : "501 5.1.7 bad sender");
	}
	if (text_starts(verb, "rcpt to:")) {
		const char *who = address(t, line);
		if (!*from || !who)
			return say(t, "503 5.5.1 need MAIL first");
		if (fault(t, rcpt, 2, kind))
			return say(t, text_eq(kind, "rcpt-451")
					      ? "451 4.2.0 mailbox busy, try later"
					      : "550 5.1.1 no such user");
		if (t->s->c->refuse && text_glob(t->s->c->refuse, who))
			return say(t, "550 5.1.1 no such user");
		*to = *to ? arena_printf(&t->a, "%s,%s", *to, who) : who;
		return say(t, "250 2.1.5 Ok");
	}
	if (text_eq(verb, "data")) {
		if (!*to)
			return say(t, "503 5.5.1 need RCPT first");
		bool alive = data(t, *from, *to);
		*from = *to = NULL;
		return alive;
	}
	if (text_eq(verb, "rset") || text_eq(verb, "noop")) {
		*from = *to = NULL;
		return say(t, "250 2.0.0 Ok");
	}
	if (text_eq(verb, "quit")) {
		say(t, "221 2.0.0 Bye");
		return false;
	}
	return say(t, "500 5.5.2 what?");
}

static void *converse(void *arg)
{
	static const char *const at_connect[] = {"connect-421"};
	struct talk *t = arg;
	const char *from = NULL, *to = NULL, *line;
	char kind[32];
	bool bare, alive = !t->s->implicit || start_tls(t);
	if (alive && fault(t, at_connect, 1, kind)) {
		say(t, "421 4.3.2 not now");
		alive = false;
	}
	alive = alive && say(t, "220 mail.example.org ESMTP example");
	while (alive && (line = next_line(t, &bare)))
		alive = command(t, line, &from, &to);
	if (t->ssl)
		SSL_free(t->ssl);
	close(t->fd);
	arena_release(&t->a);
	free(t);
	return NULL;
}

static void *listen_for(void *arg)
{
	struct smtp *s = arg;
	for (;;) {
		int fd = accept(s->listen_fd, NULL, NULL), one = 1;
		if (fd < 0)
			continue;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		struct talk *t = calloc(1, sizeof *t);
		BUG_ON(!t);
		t->s = s;
		t->fd = fd;
		pthread_t thread;
		BUG_ON(pthread_create(&thread, NULL, converse, t) != 0);
		pthread_detach(thread);
	}
	return NULL;
}

static void extension(X509 *x, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	BUG_ON(!ext || !X509_add_ext(x, ext, -1));
	X509_EXTENSION_free(ext);
}

/* A key and a certificate of its own for localhost, good for a day; the certificate also as
 * DIR/ca.pem. */
static bool make_tls(struct context *c, SSL_CTX **out, struct err *e)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	BUG_ON(!key || !x || !ctx);
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400);
	X509_set_pubkey(x, key);
	X509_NAME *name = X509_get_subject_name(x);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1,
				   -1, 0);
	X509_set_issuer_name(x, name);
	extension(x, NID_basic_constraints, "critical,CA:TRUE");
	extension(x, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
	BUG_ON(!X509_sign(x, key, EVP_sha256()));
	BUG_ON(SSL_CTX_use_certificate(ctx, x) != 1 || SSL_CTX_use_PrivateKey(ctx, key) != 1);
	bool ok = true;
	if (c->dir) {
		struct arena a = {0};
		FILE *f = fopen(path_join(&a, c->dir, "ca.pem"), "w");
		ok = f && PEM_write_X509(f, x) == 1;
		if (f && fclose(f) != 0)
			ok = false;
		if (ok)
			ok = file_mkdirs(path_join(&a, c->dir, "mail"), e);
		else
			err_set(e, ERR_IO, "%s/ca.pem: %s", c->dir, strerror(errno));
		arena_release(&a);
	}
	EVP_PKEY_free(key);
	X509_free(x);
	*out = ctx;
	return ok;
}

static bool listen_on(struct context *c, SSL_CTX *tls, int port, bool implicit, int *out,
		      struct err *e)
{
	struct smtp *s = calloc(1, sizeof *s); /* lives as long as the process */
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;
	pthread_t thread;
	BUG_ON(!s);
	*s = (struct smtp){c, tls, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), implicit};
	if (s->listen_fd < 0 || bind(s->listen_fd, (struct sockaddr *)&at, len) != 0 ||
	    listen(s->listen_fd, 16) != 0 ||
	    getsockname(s->listen_fd, (struct sockaddr *)&at, &len) != 0 ||
	    pthread_create(&thread, NULL, listen_for, s) != 0)
		return err_set(e, ERR_IO, "SMTP port: %s", strerror(errno));
	pthread_detach(thread);
	*out = ntohs(at.sin_port);
	return true;
}

bool smtp_start(struct context *c, int port, int tls_port, int *plain, int *implicit, struct err *e)
{
	SSL_CTX *tls = NULL;
	return make_tls(c, &tls, e) && listen_on(c, tls, port, false, plain, e) &&
	       listen_on(c, tls, tls_port, true, implicit, e);
}
