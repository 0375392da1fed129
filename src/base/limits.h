/* Every cap of the program and why it has that size. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#define LIMIT_JSON_DEPTH  200 /* real answers stay under 20; a bomb must not use up the stack */
#define LIMIT_JSON_VALUES 20000000 /* 1.6 GB of memory; a report of 256 MB holds 9 million */
#define LIMIT_BODY_BYTES                                                                           \
	((size_t)32 * 1024 * 1024) /* an answer: GitHub's largest page is 1.4 MB, Sentry's 6 MB */
#define LIMIT_REPORT_BYTES ((size_t)256 * 1024 * 1024) /* a scan report file */
#define LIMIT_ARTIFACT_BYTES                                                                       \
	((size_t)32 * 1024 * 1024) /* a packed artefact; reports shrink to a tenth */
#define LIMIT_UNPACKED_BYTES ((size_t)64 * 1024 * 1024) /* one report of it */
#define LIMIT_UNPACKED_ALL   ((size_t)256 * 1024 * 1024) /* all files of it, one after the other */
#define LIMIT_ARCHIVE_FILES  5000 /* a site that was saved whole beside its report */
#define LIMIT_DOC_BYTES	     ((size_t)64 * 1024 * 1024) /* any one rendering */
#define LIMIT_TITLE_CP	     80 /* outside text in one line (look.md 6) */
#define LIMIT_PAGES	     1000 /* pages of one list: 100,000 rows */

#endif
