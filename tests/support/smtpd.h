/* A scripted mail server on loopback, for tests: speaks enough SMTP to carry a message, misbehaves
 * on order, and remembers every command and every message byte for byte. One thread; connections
 * one after the other.
 *
 * 1. struct smtpd *s = smtpd_start(&(struct smtpd_script){…});   2. send to smtpd_url(s)
 * 3. smtpd_count, smtpd_get, smtpd_said   4. smtpd_stop(s) */
#ifndef SUPPORT_SMTPD_H
#define SUPPORT_SMTPD_H

#include "support/cert.h"

enum smtpd_after_dot { /* what happens when the whole message has arrived */
		       SMTPD_ACCEPT, /* 250 queued */
		       SMTPD_ACCEPT_AND_CLOSE, /* 250, then no QUIT is waited for */
		       SMTPD_CLOSE, /* not a word */
		       SMTPD_HANG, /* silence until smtpd_stop */
		       SMTPD_ANSWER, /* the script's answer */
};

struct smtpd_script {
	const struct cert *cert; /* for starttls and implicit_tls */
	bool starttls; /* offered; MAIL before it is refused with 530 */
	bool implicit_tls;
	const char *auth; /* "PLAIN LOGIN": offered; then MAIL needs it */
	const char *user, *password; /* what is accepted; else 535 */
	int64_t size; /* > 0: announced in EHLO, checked in MAIL FROM */
	bool size_silent; /* announced, but not checked */
	const char *refuse; /* addresses with this in them: rcpt_answer */
	const char *rcpt_answer; /* "550 5.1.1 no such user" */
	const char *mail_answer; /* for MAIL FROM, when set */
	const char *greeting; /* instead of 220, when set */
	bool drop_in_data; /* closes after some of the message */
	enum smtpd_after_dot after_dot;
	const char *answer; /* "451 4.3.0 try later" */
	int only; /* > 0: only the n-th message is treated so; the others are accepted */
};

struct smtpd_message {
	const char *from, *to; /* bare */
	const char *mail_args; /* what followed the address: "SIZE=123" */
	const char *bytes; /* as before dot-stuffing */
	size_t len;
	bool tls;
	bool accepted; /* answered with 250 */
};

struct smtpd;
struct smtpd *smtpd_start(const struct smtpd_script *script);
const char *smtpd_url(const struct smtpd *s); /* smtp://127.0.0.1:PORT or smtps:// */
size_t smtpd_count(struct smtpd *s); /* messages whose final dot arrived */
const struct smtpd_message *smtpd_get(struct smtpd *s, size_t i); /* until smtpd_stop */
/* Every command line so far, one a line; credentials as they came. */
const char *smtpd_said(struct smtpd *s);
int smtpd_connections(struct smtpd *s);
void smtpd_script(struct smtpd *s, const struct smtpd_script *script); /* from now on */
void smtpd_stop(struct smtpd *s); /* NULL is fine */

#endif
