#include "support/cert.h"

#include "support/test.h"

#include "base/file.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

static const char *pem_text(struct arena *a, BIO *b)
{
	char *p;
	long n = BIO_get_mem_data(b, &p);
	const char *s = arena_strndup(a, p, (size_t)n);
	BIO_free(b);
	return s;
}

static void extension(X509 *x, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	BUG_ON(!ext);
	X509_add_ext(x, ext, -1);
	X509_EXTENSION_free(ext);
}

struct cert cert_make(struct arena *a)
{
	struct err e = {0};
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	BUG_ON(!key || !x);
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400);
	X509_set_pubkey(x, key);
	X509_NAME *name = X509_get_subject_name(x);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1,
				   -1, 0);
	X509_set_issuer_name(x, name);
	extension(x, NID_basic_constraints, "critical,CA:TRUE");
	extension(x, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
	BUG_ON(!X509_sign(x, key, EVP_sha256()));
	BIO *b = BIO_new(BIO_s_mem()), *k = BIO_new(BIO_s_mem());
	BUG_ON(!PEM_write_bio_X509(b, x) ||
	       !PEM_write_bio_PrivateKey(k, key, NULL, NULL, 0, NULL, NULL));
	struct cert c = {.key_pem = pem_text(a, k), .cert_pem = pem_text(a, b)};
	c.cert_file = path_join(a, test_dir(a), "ca.pem");
	BUG_ON(!file_write(c.cert_file, c.cert_pem, strlen(c.cert_pem), 0644, &e));
	X509_free(x);
	EVP_PKEY_free(key);
	return c;
}
