#include "lib/crypto.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

void sha256_hex(const void *p, size_t n, char out[SHA256_HEX])
{
	uint8_t d[32];
	unsigned len = sizeof d;
	BUG_ON(!EVP_Digest(p, n, d, &len, EVP_sha256(), NULL) || len != sizeof d);
	for (size_t i = 0; i < sizeof d; i++) {
		out[2 * i] = "0123456789abcdef"[d[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[d[i] & 15];
	}
	out[2 * sizeof d] = '\0';
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

const char *base64url(struct arena *a, const void *p, size_t n)
{
	char *s = arena_strdup(a, base64(a, p, n));
	for (char *c = s; *c; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
	s[strcspn(s, "=")] = '\0';
	return s;
}

/* Without it OpenSSL asks for a passphrase on the terminal. */
static int no_passphrase(char *buf UNUSED, int size UNUSED, int rw UNUSED, void *ctx UNUSED)
{
	return 0;
}

static EVP_PKEY *read_key(const char *pem)
{
	size_t n = strlen(pem);
	BIO *in = n < INT32_MAX ? BIO_new_mem_buf(pem, (int)n) : NULL;
	EVP_PKEY *key = in ? PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL) : NULL;
	BIO_free(in);
	if (key && EVP_PKEY_base_id(key) == EVP_PKEY_RSA)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

bool rs256_sign(const char *pem, const void *p, size_t n, struct arena *a, const void **out,
		size_t *len, struct err *e)
{
	EVP_PKEY *key = read_key(pem);
	EVP_MD_CTX *ctx = key ? EVP_MD_CTX_new() : NULL;
	bool ok = false;
	if (ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestSign(ctx, NULL, len, p, n) == 1) {
		uint8_t *sig = arena_alloc(a, *len);
		ok = EVP_DigestSign(ctx, sig, len, p, n) == 1;
		*out = sig;
	}
	if (!key)
		err_set(e, ERR_CONFIG, "it is no RSA private key in PEM without a passphrase");
	else if (!ok)
		err_set(e, ERR_CONFIG, "the key cannot sign");
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return ok;
}
