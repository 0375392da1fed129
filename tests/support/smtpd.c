#include "support/smtpd.h"

#include "base/parse.h"
#include "base/sb.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

struct smtpd {
	int listener, wake[2];
	char url[64];
	pthread_t thread;
	pthread_mutex_t lock;
	struct smtpd_script script;
	struct arena a;
	VEC(struct smtpd_message *) messages;
	struct sb said;
	int connections, dots;
	SSL_CTX *tls;
};

struct talk {
	struct smtpd *s;
	struct smtpd_script script; /* as it was when the connection came */
	int fd;
	SSL *ssl;
	char buf[65536];
	size_t n;
	bool authed;
	char from[512], to[512], args[512];
};

static bool wait_readable(struct talk *t)
{
	if (t->ssl && SSL_pending(t->ssl))
		return true;
	struct pollfd p[2] = {{.fd = t->fd, .events = POLLIN},
			      {.fd = t->s->wake[0], .events = POLLIN}};
	return poll(p, 2, 30000) > 0 && !p[1].revents;
}

/* A line without its end; false when the other side is gone. */
static bool get_line(struct talk *t, char *out, size_t cap)
{
	for (;;) {
		char *nl = memchr(t->buf, '\n', t->n);
		if (nl) {
			size_t n = (size_t)(nl - t->buf), rest = t->n - n - 1;
			if (n && t->buf[n - 1] == '\r')
				n--;
			snprintf(out, cap, "%.*s", (int)n, t->buf);
			memmove(t->buf, nl + 1, rest);
			t->n = rest;
			return true;
		}
		if (t->n == sizeof t->buf || !wait_readable(t))
			return false;
		ssize_t n = t->ssl ? SSL_read(t->ssl, t->buf + t->n, (int)(sizeof t->buf - t->n))
				   : read(t->fd, t->buf + t->n, sizeof t->buf - t->n);
		if (n <= 0)
			return false;
		t->n += (size_t)n;
	}
}

static void say(struct talk *t, const char *line)
{
	char out[1024];
	int n = snprintf(out, sizeof out, "%s\r\n", line);
	if (t->ssl)
		(void)!SSL_write(t->ssl, out, n);
	else
		(void)!send(t->fd, out, (size_t)n, MSG_NOSIGNAL);
}

static void record(struct talk *t, const char *line)
{
	pthread_mutex_lock(&t->s->lock);
	sb_addf(&t->s->said, "%s\n", line);
	pthread_mutex_unlock(&t->s->lock);
}

static bool start_tls(struct talk *t)
{
	t->ssl = SSL_new(t->s->tls);
	SSL_set_fd(t->ssl, t->fd);
	return SSL_accept(t->ssl) == 1;
}

static void ehlo(struct talk *t)
{
	const struct smtpd_script *s = &t->script;
	char line[256];
	say(t, "250-mail.example.org");
	if (s->size) {
		snprintf(line, sizeof line, "250-SIZE %lld", (long long)s->size);
		say(t, line);
	}
	if (s->starttls && !t->ssl)
		say(t, "250-STARTTLS");
	if (s->auth) {
		snprintf(line, sizeof line, "250-AUTH %s", s->auth);
		say(t, line);
	}
	say(t, "250 ENHANCEDSTATUSCODES");
}

static void decode(const char *s, char *out, size_t cap)
{
	unsigned char raw[1024] = {0};
	int n = EVP_DecodeBlock(raw, (const unsigned char *)s, (int)MIN(strlen(s), 1000));
	memset(out, 0, cap);
	if (n > 0)
		memcpy(out, raw, MIN((size_t)n, cap - 1));
}

static bool login(struct talk *t, const char *line)
{
	char got[1024], user[256] = "", password[256] = "";
	if (strncasecmp(line, "AUTH PLAIN", 10) == 0) {
		const char *b = line[10] ? line + 11 : NULL;
		char next[1024];
		if (!b) {
			say(t, "334 ");
			if (!get_line(t, next, sizeof next))
				return false;
			record(t, next);
			b = next;
		}
		decode(b, got, sizeof got);
		const char *u = got + strlen(got) + 1;
		snprintf(user, sizeof user, "%s", u);
		snprintf(password, sizeof password, "%s", u + strlen(u) + 1);
	} else {
		char next[1024];
		if (strlen(line) > 11) {
			decode(line + 11, user, sizeof user);
		} else {
			say(t, "334 VXNlcm5hbWU6");
			if (!get_line(t, next, sizeof next))
				return false;
			record(t, next);
			decode(next, user, sizeof user);
		}
		say(t, "334 UGFzc3dvcmQ6");
		if (!get_line(t, next, sizeof next))
			return false;
		record(t, next);
		decode(next, password, sizeof password);
	}
	t->authed = text_eq(user, t->script.user) && text_eq(password, t->script.password);
	say(t, t->authed ? "235 2.7.0 accepted" : "535 5.7.8 authentication failed");
	return true;
}

/* "MAIL FROM:<a@b> SIZE=1" to address and the rest. */
static void address(const char *line, char *out, char *rest, size_t cap)
{
	const char *open = strchr(line, '<'), *close = open ? strchr(open, '>') : NULL;
	snprintf(out, cap, "%.*s", close ? (int)(close - open - 1) : 0, open ? open + 1 : "");
	if (rest)
		snprintf(rest, cap, "%s", close && close[1] == ' ' ? close + 2 : "");
}

static void mail_from(struct talk *t, const char *line)
{
	const struct smtpd_script *s = &t->script;
	int64_t size;
	address(line, t->from, t->args, sizeof t->from);
	if (s->starttls && !t->ssl) {
		say(t, "530 5.7.0 must issue STARTTLS first");
	} else if (s->auth && !t->authed) {
		say(t, "530 5.7.0 authentication required");
	} else if (s->mail_answer) {
		say(t, s->mail_answer);
	} else if (s->size && !s->size_silent && text_starts(t->args, "SIZE=") &&
		   parse_i64(t->args + 5, &size) && size > s->size) {
		say(t, "552 5.3.4 message too big");
	} else {
		say(t, "250 2.1.0 ok");
	}
}

static bool message(struct talk *t)
{
	struct smtpd *s = t->s;
	struct arena scratch = {0};
	struct sb b;
	sb_init(&b, &scratch, (size_t)64 << 20);
	char line[4096];
	bool ok = true;
	pthread_mutex_lock(&s->lock);
	bool special = !t->script.only || t->script.only == s->dots + 1;
	pthread_mutex_unlock(&s->lock);
	while ((ok = get_line(t, line, sizeof line)) && strcmp(line, ".") != 0) {
		sb_addf(&b, "%s\r\n", line[0] == '.' ? line + 1 : line);
		if (special && t->script.drop_in_data && b.len > 200) {
			ok = false;
			break;
		}
	}
	if (ok) {
		enum smtpd_after_dot end = special ? t->script.after_dot : SMTPD_ACCEPT;
		pthread_mutex_lock(&s->lock);
		s->dots++;
		struct smtpd_message *m = arena_new(&s->a, struct smtpd_message);
		*m = (struct smtpd_message){.from = arena_strdup(&s->a, t->from),
					    .to = arena_strdup(&s->a, t->to),
					    .mail_args = arena_strdup(&s->a, t->args),
					    .bytes = arena_strndup(&s->a, sb_str(&b), b.len),
					    .len = b.len,
					    .tls = t->ssl != NULL,
					    .accepted = end == SMTPD_ACCEPT ||
							end == SMTPD_ACCEPT_AND_CLOSE};
		vec_push(&s->a, &s->messages, m);
		char queued[64];
		snprintf(queued, sizeof queued, "250 2.0.0 Ok: queued as Q%d", s->dots);
		pthread_mutex_unlock(&s->lock);
		switch (end) {
		case SMTPD_ACCEPT:
			say(t, queued);
			break;
		case SMTPD_ACCEPT_AND_CLOSE:
			say(t, queued);
			ok = false;
			break;
		case SMTPD_CLOSE:
			ok = false;
			break;
		case SMTPD_HANG:
			while (wait_readable(t) && read(t->fd, line, sizeof line) > 0)
				;
			ok = false;
			break;
		case SMTPD_ANSWER:
			say(t, t->script.answer);
			break;
		}
	}
	arena_release(&scratch);
	return ok;
}

static void converse(struct talk *t)
{
	char line[4096];
	if (t->script.implicit_tls && !start_tls(t))
		return;
	say(t, t->script.greeting ? t->script.greeting : "220 mail.example.org ESMTP");
	while (get_line(t, line, sizeof line)) {
		record(t, line);
		if (strncasecmp(line, "EHLO", 4) == 0 || strncasecmp(line, "HELO", 4) == 0) {
			ehlo(t);
		} else if (strcasecmp(line, "STARTTLS") == 0 && t->script.starttls && !t->ssl) {
			say(t, "220 2.0.0 go ahead");
			if (!start_tls(t))
				return;
			t->n = 0;
		} else if (strncasecmp(line, "AUTH ", 5) == 0) {
			if (!login(t, line))
				return;
		} else if (strncasecmp(line, "MAIL FROM:", 10) == 0) {
			mail_from(t, line);
		} else if (strncasecmp(line, "RCPT TO:", 8) == 0) {
			address(line, t->to, NULL, sizeof t->to);
			say(t, t->script.refuse && strstr(t->to, t->script.refuse)
				       ? t->script.rcpt_answer
				       : "250 2.1.5 ok");
		} else if (strcasecmp(line, "DATA") == 0) {
			say(t, "354 end with a dot");
			if (!message(t))
				return;
		} else if (strcasecmp(line, "QUIT") == 0) {
			say(t, "221 2.0.0 bye");
			return;
		} else if (strcasecmp(line, "RSET") == 0 || strcasecmp(line, "NOOP") == 0) {
			say(t, "250 2.0.0 ok");
		} else {
			say(t, "502 5.5.2 what?");
		}
	}
}

static void *serve(void *ctx)
{
	struct smtpd *s = ctx;
	sigset_t pipes; /* a client that left must not end the test */
	sigemptyset(&pipes);
	sigaddset(&pipes, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipes, NULL);
	struct talk *t = calloc(1, sizeof *t);
	BUG_ON(!t);
	for (;;) {
		struct pollfd p[2] = {{.fd = s->listener, .events = POLLIN},
				      {.fd = s->wake[0], .events = POLLIN}};
		if (poll(p, 2, -1) < 0 || p[1].revents)
			break;
		int fd = accept(s->listener, NULL, NULL);
		if (fd < 0)
			continue;
		memset(t, 0, sizeof *t);
		t->s = s;
		t->fd = fd;
		pthread_mutex_lock(&s->lock);
		s->connections++;
		t->script = s->script;
		pthread_mutex_unlock(&s->lock);
		converse(t);
		if (t->ssl)
			SSL_free(t->ssl);
		close(fd);
	}
	free(t);
	return NULL;
}

static void load_cert(struct smtpd *s, const struct cert *c)
{
	s->tls = SSL_CTX_new(TLS_server_method());
	BIO *b = BIO_new_mem_buf(c->cert_pem, -1), *k = BIO_new_mem_buf(c->key_pem, -1);
	X509 *x = PEM_read_bio_X509(b, NULL, NULL, NULL);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(k, NULL, NULL, NULL);
	BUG_ON(!SSL_CTX_use_certificate(s->tls, x) || !SSL_CTX_use_PrivateKey(s->tls, key));
	X509_free(x);
	EVP_PKEY_free(key);
	BIO_free(b);
	BIO_free(k);
}

struct smtpd *smtpd_start(const struct smtpd_script *script)
{
	struct smtpd *s = calloc(1, sizeof *s);
	BUG_ON(!s);
	setenv("no_proxy", "*", 1);
	s->script = *script;
	if (script->cert)
		load_cert(s, script->cert);
	sb_init(&s->said, &s->a, (size_t)16 << 20);
	pthread_mutex_init(&s->lock, NULL);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in at = {.sin_family = AF_INET};
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	socklen_t len = sizeof at;
	BUG_ON(s->listener < 0 || bind(s->listener, (struct sockaddr *)(void *)&at, len) ||
	       listen(s->listener, 16) ||
	       getsockname(s->listener, (struct sockaddr *)(void *)&at, &len) || pipe(s->wake));
	snprintf(s->url, sizeof s->url, "%s://127.0.0.1:%d",
		 script->implicit_tls ? "smtps" : "smtp", ntohs(at.sin_port));
	BUG_ON(pthread_create(&s->thread, NULL, serve, s));
	return s;
}

const char *smtpd_url(const struct smtpd *s)
{
	return s->url;
}

size_t smtpd_count(struct smtpd *s)
{
	pthread_mutex_lock(&s->lock);
	size_t n = s->messages.n;
	pthread_mutex_unlock(&s->lock);
	return n;
}

const struct smtpd_message *smtpd_get(struct smtpd *s, size_t i)
{
	pthread_mutex_lock(&s->lock);
	const struct smtpd_message *m = i < s->messages.n ? s->messages.v[i] : NULL;
	pthread_mutex_unlock(&s->lock);
	return m;
}

const char *smtpd_said(struct smtpd *s)
{
	pthread_mutex_lock(&s->lock);
	const char *text = arena_strdup(&s->a, sb_str(&s->said));
	pthread_mutex_unlock(&s->lock);
	return text;
}

int smtpd_connections(struct smtpd *s)
{
	pthread_mutex_lock(&s->lock);
	int n = s->connections;
	pthread_mutex_unlock(&s->lock);
	return n;
}

void smtpd_script(struct smtpd *s, const struct smtpd_script *script)
{
	pthread_mutex_lock(&s->lock);
	s->script = *script;
	pthread_mutex_unlock(&s->lock);
}

void smtpd_stop(struct smtpd *s)
{
	if (!s)
		return;
	BUG_ON(write(s->wake[1], "x", 1) != 1);
	pthread_join(s->thread, NULL);
	close(s->listener);
	close(s->wake[0]);
	close(s->wake[1]);
	SSL_CTX_free(s->tls);
	pthread_mutex_destroy(&s->lock);
	arena_release(&s->a);
	free(s);
}
