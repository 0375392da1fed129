/* What every file may rely on: attributes, cleanup, aborting on our own mistakes, and the calls
 * nobody may use. */
#ifndef BASE_COMMON_H
#define BASE_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MUST_CHECK	       __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define UNUSED		       __attribute__((unused))

/* CLEANUP(f) struct x *p = NULL;  calls f(&p) when p leaves its scope. */
#define CLEANUP(f) __attribute__((cleanup(f)))
/* Takes a pointer out of a variable with CLEANUP: the caller of the function owns it from here. */
/* clang-format off */
#define TAKE_PTR(p) __extension__({ __typeof__(p) take_ = (p); (p) = NULL; take_; })
/* clang-format on */

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)     ((a) < (b) ? (a) : (b))
#define MAX(a, b)     ((a) > (b) ? (a) : (b))

/* A time or a count that is not known. Times are UTC seconds since 1970; counts are never negative.
 */
#define TIME_NONE INT64_MIN
#define NUM_NONE  INT64_MIN

/* Programming errors and lack of memory abort, in release builds too. */
#define BUG_ON(cond) ((cond) ? bug_(__FILE__, __LINE__, #cond) : (void)0)
__attribute__((noreturn, cold)) void bug_(const char *file, int line, const char *what);

/* These have no safe use here (length, locale, hidden state or silent saturation); base/ offers
 * what replaces them. */
#define BANNED(f) sorry_##f##_is_banned
#undef strcpy
#define strcpy(a, b) BANNED(strcpy)
#undef strncpy
#define strncpy(a, b, n) BANNED(strncpy)
#undef strcat
#define strcat(a, b) BANNED(strcat)
#undef sprintf
#define sprintf(...) BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf)
#undef strtok
#define strtok(a, b) BANNED(strtok)
#undef atoi
#define atoi(a) BANNED(atoi)
#undef atol
#define atol(a) BANNED(atol)
#undef localtime
#define localtime(a) BANNED(localtime)
#undef gmtime
#define gmtime(a) BANNED(gmtime)

#endif
