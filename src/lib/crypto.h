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
const char *base64url(struct arena *a, const void *p, size_t n); /* for URLs and JWT: not padded */
/* RSASSA-PKCS1-v1_5 with SHA-256 over p (JWT's RS256), by a private RSA key in PEM, PKCS 1 or 8,
 * without a passphrase. Fails: ERR_CONFIG, saying nothing of the key's content. */
MUST_CHECK bool rs256_sign(const char *pem, const void *p, size_t n, struct arena *a,
			   const void **out, size_t *len, struct err *e);

#endif
