#include "base/log.h"

#include "base/clock.h"
#include "base/parse.h"

#include <stdarg.h>

static FILE *sink;
static enum log_level level = LOG_WARN;

void log_setup(FILE *to, enum log_level at)
{
	sink = to;
	level = at;
}

bool log_on(enum log_level at)
{
	return at <= level;
}

void log_write(enum log_level at, const char *phase, const char *fmt, ...)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};
	char text[2000], ts[TIME_TEXT];
	if (!log_on(at))
		return;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	FILE *f = sink ? sink : stderr;
	fprintf(f, "ts=%s level=%s phase=%s msg=\"", time_iso(clock_real(), ts), names[at], phase);
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p == '"' || *p == '\\')
			fprintf(f, "\\%c", *p);
		else if (*p < 0x20 || *p == 0x7f)
			fprintf(f, "\\x%02x", *p);
		else
			fputc(*p, f);
	}
	fputs("\"\n", f);
}
