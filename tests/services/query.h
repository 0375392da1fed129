/* Looking into JSON files and databases from a shell script, so that the scripts need no further
 * program. */
#ifndef SERVICES_QUERY_H
#define SERVICES_QUERY_H

#include "base/err.h"

/* Prints what stands at each path (NULL-terminated list) of steps between slashes: a member's name;
 * in arrays an index, "*" for each element, or KEY=TEXT for those whose member KEY is TEXT. Texts
 * and numbers as they are, "null", "absent", and of arrays and objects how many they hold. One line
 * each; no element is no line. */
MUST_CHECK bool query_json(const char *file, char **paths, struct err *e);
/* Prints the rows of SQL, columns between tabs. */
MUST_CHECK bool query_sql(const char *db, const char *sql, struct err *e);

#endif
