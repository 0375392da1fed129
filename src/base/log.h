/* logfmt on standard error: ts level phase msg key=value. The only mutable globals of the program
 * are its sink and level.
 *
 * Library code logs at debug at most; app/ decides what a user is told. Never log a header, a body,
 * a URL's query or a token. Control characters in values are escaped. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/common.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_setup(FILE *sink, enum log_level level); /* default: stderr, LOG_WARN */
bool log_on(enum log_level level);
/* phase: "collect", "store", … The text is the msg; further key=value pairs may be part of it. */
void log_write(enum log_level level, const char *phase, const char *fmt, ...) PRINTF_LIKE(3, 4);

#define log_debug(phase, ...)                                                                      \
	(log_on(LOG_DEBUG) ? log_write(LOG_DEBUG, phase, __VA_ARGS__) : (void)0)
#define log_info(phase, ...) (log_on(LOG_INFO) ? log_write(LOG_INFO, phase, __VA_ARGS__) : (void)0)
#define log_warn(phase, ...) (log_on(LOG_WARN) ? log_write(LOG_WARN, phase, __VA_ARGS__) : (void)0)

#endif
