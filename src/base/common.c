#include "base/common.h"

void bug_(const char *file, int line, const char *what)
{
	fprintf(stderr, "sitrep: bug at %s:%d: %s\n", file, line, what);
	abort();
}
