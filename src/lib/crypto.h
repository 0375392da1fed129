/* Digests and signatures, by OpenSSL. */
#ifndef LIB_CRYPTO_H
#define LIB_CRYPTO_H

#include "base/arena.h"
#include "base/err.h"

#define SHA256_HEX 65
/* Lower-case hex with its NUL. */
void sha256_hex(const void *p, size_t n, char out[SHA256_HEX]);
void hmac_sha256(const void *key, size_t key_len, const void *p, size_t n, uint8_t out[32]);
const char *base64(struct arena *a, const void *p, size_t n); /* RFC 4648, padded, no line ends */

#endif
