/* SMTP by libcurl: carries a finished message, one transaction per recipient, and tells exactly
 * what the server said. */
#ifndef LIB_MAIL_H
#define LIB_MAIL_H

#include "base/arena.h"
#include "base/err.h"

struct mail_server {
	const char *url; /* smtp://host:port or smtps://host:port */
	const char *user, *password; /* NULL: no AUTH */
	bool tls_none; /* loopback only; else STARTTLS (smtp:) or implicit TLS (smtps:) is required
			*/
	const char *ca_file;
	int timeout_s;
	const char *helo; /* NULL: the host's name */
};

enum mail_outcome {
	MAIL_SENT, /* 250 after the dot */
	MAIL_REFUSED, /* for good (5xx), or nothing was sent and trying again now is pointless */
	MAIL_LATER, /* 4xx, not reached, time-out before DATA: not sent */
	MAIL_UNKNOWN, /* lost after DATA: may have been accepted (libcurl error with response code
			 354) */
};

struct mail_result {
	enum mail_outcome outcome;
	int code; /* the server's last */
	const char *answer; /* its last line, or the reason; never credentials */
	int64_t size_limit; /* of EHLO's SIZE; 0: none seen */
};

/* message: RFC 5322, CRLF, 7-bit. from, to: bare ASCII addresses without control characters (else
 * ERR_CONFIG before anything is sent). A message over the server's SIZE is MAIL_REFUSED with code
 * 552 and size_limit set, before DATA. */
MUST_CHECK bool mail_send(const struct mail_server *s, const char *from, const char *to,
			  const char *message, size_t len, struct arena *a, struct mail_result *out,
			  struct err *e);
/* "Name <a@b>" or "a@b" to the bare address. Fails: ERR_CONFIG. */
MUST_CHECK bool mail_address(const char *s, struct arena *a, const char **out, struct err *e);

#endif
