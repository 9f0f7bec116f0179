/*
 * keys.c
 *		A key and its certificate, by OpenSSL.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "keys.h"
#include "settings.h"

static char *directory = NULL;
static char *certificate_pem = NULL;

char *
keys_path(const char *name)
{
	char	   *path;

	PROMISE(asprintf(&path, "%s/%s", directory, name) > 0);
	return path;
}

static void
extend(X509 *certificate, int nid, const char *value)
{
	X509V3_CTX	context;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	PROMISE(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
	X509_EXTENSION_free(extension);
}

static X509 *
certify(EVP_PKEY *key)
{
	X509	   *certificate = X509_new();
	X509_NAME  *name = X509_get_subject_name(certificate);

	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 30 * 86400);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *) "Fuzz", -1, -1, 0);
	X509_set_issuer_name(certificate, name);
	X509_set_pubkey(certificate, key);
	extend(certificate, NID_basic_constraints, "critical,CA:FALSE");
	extend(certificate, NID_key_usage, "critical,digitalSignature,nonRepudiation");
	PROMISE(X509_sign(certificate, key, EVP_sha256()) > 0);
	return certificate;
}

static FILE *
create(const char *name)
{
	char	   *path = keys_path(name);
	FILE	   *file;

	umask(077);
	file = fopen(path, "we");
	PROMISE(file != NULL);
	free(path);
	return file;
}

void
keys_make(void)
{
	EVP_PKEY   *key = EVP_EC_gen("P-256");
	X509	   *certificate = certify(key);
	BIO		   *memory = BIO_new(BIO_s_mem());
	const char *parent = getenv("TMPDIR");
	char	   *bytes;
	long		length;
	FILE	   *file;

	PROMISE(asprintf(&directory, "%s/fuzz.XXXXXX", parent ? parent : "/tmp") > 0 && mkdtemp(directory) != NULL);
	oots_key_directory = directory;
	file = create("key.pem");
	PROMISE(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1);
	fclose(file);
	file = create("cert.pem");
	PROMISE(PEM_write_X509(file, certificate) == 1);
	fclose(file);
	PROMISE(PEM_write_bio_X509(memory, certificate) == 1);
	length = BIO_get_mem_data(memory, &bytes);
	certificate_pem = strndup(bytes, length);
	BIO_free(memory);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

const char *
keys_certificate(void)
{
	return certificate_pem;
}

void
keys_forget(void)
{
	static const char *const names[] = {"key.pem", "cert.pem"};

	for (int i = 0; i < (int) lengthof(names); i++)
	{
		char	   *path = keys_path(names[i]);

		unlink(path);
		free(path);
	}
	rmdir(directory);
}
