#include "base/err.h"

#include <stdarg.h>

bool err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	BUG_ON(kind == ERR_NONE);
	if (e->kind != ERR_NONE)
		return false;
	e->kind = kind;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof e->msg, fmt, ap);
	va_end(ap);
	return false;
}

bool err_wrap(struct err *e, const char *fmt, ...)
{
	char head[sizeof e->msg], whole[2 * sizeof e->msg + 3];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(head, sizeof head, fmt, ap);
	va_end(ap);
	snprintf(whole, sizeof whole, "%s: %s", head, e->msg);
	size_t n = MIN(strlen(whole), sizeof e->msg - 1);
	memcpy(e->msg, whole, n);
	e->msg[n] = '\0';
	return false;
}

void err_clear(struct err *e)
{
	e->kind = ERR_NONE;
	e->msg[0] = '\0';
}

const char *err_kind_name(enum err_kind kind)
{
	switch (kind) {
	case ERR_NONE:
		return "none";
	case ERR_USAGE:
		return "usage";
	case ERR_CONFIG:
		return "config";
	case ERR_AUTH:
		return "auth";
	case ERR_NET:
		return "net";
	case ERR_LIMIT:
		return "limit";
	case ERR_PROTO:
		return "proto";
	case ERR_DB:
		return "db";
	case ERR_IO:
		return "io";
	case ERR_BUSY:
		return "busy";
	case ERR_BUG:
		return "bug";
	}
	return "?";
}
