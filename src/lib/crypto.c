#include "lib/crypto.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

void sha256_hex(const void *p, size_t n, char out[SHA256_HEX])
{
	uint8_t d[32];
	unsigned len = sizeof d;
	BUG_ON(!EVP_Digest(p, n, d, &len, EVP_sha256(), NULL) || len != sizeof d);
	for (size_t i = 0; i < sizeof d; i++)
		snprintf(out + 2 * i, 3, "%02x", d[i]);
}

void hmac_sha256(const void *key, size_t key_len, const void *p, size_t n, uint8_t out[32])
{
	unsigned len = 32;
	BUG_ON(key_len > INT32_MAX);
	BUG_ON(!HMAC(EVP_sha256(), key, (int)key_len, p, n, out, &len) || len != 32);
}

const char *base64(struct arena *a, const void *p, size_t n)
{
	BUG_ON(n > INT32_MAX / 2);
	char *out = arena_alloc(a, 4 * ((n + 2) / 3) + 1);
	EVP_EncodeBlock((unsigned char *)out, p, (int)n);
	return out;
}
