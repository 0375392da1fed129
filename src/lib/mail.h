/* SMTP by libcurl: carries a finished message, one transaction per recipient, and tells exactly
 * what the server said. */
#ifndef LIB_MAIL_H
#define LIB_MAIL_H

#include "base/arena.h"
#include "base/err.h"

struct mail_server {
	const char *url; /* smtp://host:port or smtps://host:port */
	const char *user, *password; /* NULL: no AUTH. PLAIN or LOGIN, over TLS only */
	bool tls_none; /* loopback only; else STARTTLS (smtp:) or implicit TLS (smtps:) is required
			*/
	const char *ca_file; /* besides the system's authorities; NULL: those only */
	int timeout_s; /* the whole transaction; RFC 5321 gives the answer after the dot 10 minutes
			*/
	const char *helo; /* NULL: the host's name */
};

enum mail_outcome {
	MAIL_SENT, /* 250 after the dot: this server took it, no more is known */
	MAIL_REFUSED, /* for good (5xx), or nothing was sent and trying again now is pointless */
	MAIL_LATER, /* 4xx, not reached, time-out before DATA: not sent */
	MAIL_UNKNOWN, /* lost after DATA: may have been accepted (libcurl error with response code
			 354) */
};

struct mail_result {
	enum mail_outcome outcome;
	int code; /* the server's last; 0: it never spoke */
	const char *answer; /* its last line, or the reason; never credentials */
	const char *queue_id; /* of "250 … queued as ID"; NULL when none was given */
	int64_t size_limit; /* of EHLO's SIZE; 0: none seen */
};

/* message: RFC 5322, CRLF, 7-bit; its bytes are what arrives (dots stuffed on the way). from, to:
 * bare ASCII addresses without control characters. A message over the server's SIZE is MAIL_REFUSED
 * with code 552 and size_limit set, before DATA. Fails before anything is sent: ERR_CONFIG for an
 * address, a server address, or tls_none with a server that is not this machine; ERR_BUG for a
 * message with a bare CR or LF, an 8-bit byte or a line over 998. */
MUST_CHECK bool mail_send(const struct mail_server *s, const char *from, const char *to,
			  const char *message, size_t len, struct arena *a, struct mail_result *out,
			  struct err *e);
/* Everything up to a message: connects, TLS, EHLO, AUTH where there is a user, then NOOP. MAIL_SENT
 * says that the server agreed to all of it. Nothing is sent to anybody. Fails as mail_send does. */
MUST_CHECK bool mail_probe(const struct mail_server *s, struct arena *a, struct mail_result *out,
			   struct err *e);
/* "Name <a@b>" or "a@b", blanks around it allowed, to the bare address. Fails: ERR_CONFIG, also for
 * anything but printable ASCII, quoted local parts and addresses over 254 characters. */
MUST_CHECK bool mail_address(const char *s, struct arena *a, const char **out, struct err *e);

#endif
