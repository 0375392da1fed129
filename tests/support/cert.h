/* A key and a self-signed certificate for 127.0.0.1 and localhost, made anew for each test run. */
#ifndef SUPPORT_CERT_H
#define SUPPORT_CERT_H

#include "base/arena.h"

struct cert {
	const char *key_pem, *cert_pem;
	const char *cert_file; /* for ca: options; removed at exit */
};
struct cert cert_make(struct arena *a);

#endif
