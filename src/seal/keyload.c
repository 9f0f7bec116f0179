/*
 * keyload.c
 *		From URIs to a private key and certificates. file: URIs are read by
 *		ourselves under the rules of keyfile.c; any other scheme is left to
 *		whatever OpenSSL provider serves it (pkcs11:, tpm2: …; D-SIG-07).
 *
 *		Providers are activated in a library context of our own, made from the
 *		machine's openssl.cnf in each backend that needs it: the server's TLS
 *		keeps the default context, and a token is never opened before a fork
 *		(SEAL §6).
 */
#include "postgres.h"

#include <ctype.h>

#include <openssl/conf.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include "seal/keydata.h"
#include "settings.h"

/* objects a provider may have under one URI, so that a broken one can't go on for ever */
#define MAX_OBJECTS		64

#define PASSPHRASE_QUERY "?passphrase-file="

typedef struct Passphrase
{
	char		bytes[1024];
	size_t		length;
	bool		given;
	bool		asked;
} Passphrase;

/*
 * Take file:name, file:/path or file:///path apart. Percent signs are refused
 * rather than decoded: a file name needs none, and a path must mean one thing.
 */
static const char *
parse_file_uri(const char *uri, KeyFile *file, KeyFile *passphrase)
{
	const char *path = uri + strlen("file:");
	const char *query = strchr(path, '?');
	size_t		length = query ? (size_t) (query - path) : strlen(path);

	if (strncmp(path, "//", 2) == 0)
	{
		if (path[2] != '/')
			return "its URI names a host";
		path += 2;
		length -= 2;
	}
	if (query != NULL && (passphrase == NULL ||
						  strncmp(query, PASSPHRASE_QUERY, strlen(PASSPHRASE_QUERY)) != 0))
		return "its URI has a query that is not understood";
	if (strpbrk(uri, "%#") != NULL)
		return "its URI has characters other than those of a plain path";
	if (length == 0 || length >= KEY_MAX_PATH)
		return "its URI has no usable path";
	memcpy(file->path, path, length);
	file->path[length] = '\0';
	file->used = true;
	if (query != NULL)
	{
		const char *name = query + strlen(PASSPHRASE_QUERY);

		if (strlcpy(passphrase->path, name, KEY_MAX_PATH) >= KEY_MAX_PATH || name[0] == '\0')
			return "the pass phrase file's path is not usable";
		passphrase->used = true;
	}
	return NULL;
}

/* Length of the scheme before the colon, 0 when there is none. */
static size_t
scheme_length(const char *uri)
{
	size_t		n = 0;

	while (isalnum((unsigned char) uri[n]) || (uri[n] != '\0' && strchr("+-.", uri[n]) != NULL))
		n++;
	return uri[n] == ':' ? n : 0;
}

static bool
is_file_uri(const char *uri)
{
	return pg_strncasecmp(uri, "file:", 5) == 0;
}

/* OpenSSL asks for a pass phrase. Without this it would ask on a terminal. */
static int
give_passphrase(char *buffer, int size, int writing, void *arg)
{
	Passphrase *passphrase = arg;

	passphrase->asked = true;
	if (!passphrase->given || passphrase->length > (size_t) size)
		return -1;
	memcpy(buffer, passphrase->bytes, passphrase->length);
	return (int) passphrase->length;
}

static const char *
read_passphrase(const char *place, KeyFile *file, Passphrase *passphrase)
{
	const char *refusal;

	refusal = key_file_inspect(place, file->path, KEY_FILE_SECRET, &file->state, passphrase->bytes,
							   sizeof(passphrase->bytes), &passphrase->length);
	if (refusal != NULL)
		return "its pass phrase file is missing, too large, outside of its place in ootspg.key_directory, or open to others";
	while (passphrase->length > 0 &&
		   strchr("\r\n", passphrase->bytes[passphrase->length - 1]) != NULL)
		passphrase->length--;
	passphrase->given = true;
	return NULL;
}

static const char *
load_private_file(SealKey *key, char *buffer)
{
	Passphrase	passphrase = {{0}};
	size_t		length = 0;
	const char *refusal;
	BIO		   *bio;

	refusal = parse_file_uri(key->key_uri, &key->key_file, &key->passphrase_file);
	if (refusal == NULL)
		refusal = key_file_inspect(key->place, key->key_file.path, KEY_FILE_SECRET, &key->key_file.state,
								   buffer, KEY_MAX_BYTES, &length);
	if (refusal == NULL && key->passphrase_file.used)
		refusal = read_passphrase(key->place, &key->passphrase_file, &passphrase);
	if (refusal == NULL)
		key->private_key = key_from_plain_pem(buffer, length);
	if (refusal == NULL && key->private_key == NULL && (bio = BIO_new_mem_buf(buffer, (int) length)) != NULL)
	{
		key->private_key = PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, &passphrase);
		BIO_free(bio);
	}
	if (refusal == NULL && key->private_key == NULL)
		refusal = !passphrase.asked ? "it holds no private key in PEM form"
			: passphrase.given ? "its pass phrase does not fit"
			: "it is encrypted, and its URI names no pass phrase file";
	OPENSSL_cleanse(buffer, KEY_MAX_BYTES);
	OPENSSL_cleanse(&passphrase, sizeof(passphrase));
	return refusal;
}

static const char *
load_certificate_file(SealKey *key, char *buffer)
{
	size_t		length = 0;
	const char *refusal;
	X509	   *certificate;
	BIO		   *bio;

	refusal = parse_file_uri(key->certificate_uri, &key->certificate_file, NULL);
	if (refusal == NULL)
		refusal = key_file_inspect(key->place, key->certificate_file.path, KEY_FILE_CERTIFICATE,
								   &key->certificate_file.state, buffer, KEY_MAX_BYTES, &length);
	if (refusal != NULL)
		return refusal;
	bio = BIO_new_mem_buf(buffer, (int) length);
	while (bio != NULL && sk_X509_num(key->certificates) <= KEY_MAX_CERTIFICATES &&
		   (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		sk_X509_push(key->certificates, certificate);
	BIO_free(bio);
	ERR_clear_error();			/* the end of a PEM file is an error there */
	return NULL;
}

/* The library context providers are loaded into, made at first use. */
static OSSL_LIB_CTX *
provider_library(void)
{
	static OSSL_LIB_CTX *library = NULL;

	if (library == NULL)
	{
		OSSL_LIB_CTX *fresh = OSSL_LIB_CTX_new();
		char	   *configuration = CONF_get1_default_config_file();

		/* a machine without openssl.cnf has the built-in providers only */
		if (fresh != NULL && configuration != NULL)
			(void) OSSL_LIB_CTX_load_config(fresh, configuration);
		OPENSSL_free(configuration);
		library = fresh;
	}
	return library;
}

/* Load what a provider keeps under uri: the private key, or the certificates. */
static const char *
load_from_store(SealKey *key, const char *uri, int expected, const char **hint)
{
	char		scheme[64];
	size_t		length = scheme_length(uri);
	OSSL_LIB_CTX *library = provider_library();
	OSSL_STORE_LOADER *loader;
	OSSL_STORE_CTX *store;

	if (length == 0 || length >= sizeof(scheme) || library == NULL)
	{
		*hint = "A file in ootspg.key_directory is written with file: before its name, as in file:civil.pem.";
		return "its URI has no scheme";
	}
	if (strstr(uri, "pin-value=") != NULL)
	{
		*hint = "Name a file that holds the PIN with pin-source; a PIN must not stand in a table.";
		return "its URI contains a PIN";
	}
	memcpy(scheme, uri, length);
	scheme[length] = '\0';
	loader = OSSL_STORE_LOADER_fetch(library, scheme, NULL);
	if (loader == NULL)
	{
		*hint = "Use a file: URI, or install an OpenSSL provider for the scheme and activate it in openssl.cnf.";
		return "no provider serves the scheme of its URI";
	}
	OSSL_STORE_LOADER_free(loader);

	/* UI_null(): nothing may be asked for on a terminal */
	store = OSSL_STORE_open_ex(uri, library, NULL, UI_null(), NULL, NULL, NULL, NULL);
	if (store == NULL)
		return "the provider can't open its URI";
	(void) OSSL_STORE_expect(store, expected);
	/* an object that is not expected is an error to OpenSSL, but not the last object */
	for (int i = 0; i < MAX_OBJECTS && !OSSL_STORE_eof(store); i++)
	{
		OSSL_STORE_INFO *info = OSSL_STORE_load(store);

		if (info != NULL && OSSL_STORE_INFO_get_type(info) == expected)
		{
			if (expected == OSSL_STORE_INFO_CERT)
				sk_X509_push(key->certificates, OSSL_STORE_INFO_get1_CERT(info));
			else if (key->private_key == NULL)
				key->private_key = OSSL_STORE_INFO_get1_PKEY(info);
		}
		OSSL_STORE_INFO_free(info);
	}
	OSSL_STORE_close(store);
	return NULL;
}

const char *
key_load_private(SealKey *key, const char **hint)
{
	const char *refusal;
	char	   *buffer;

	if (is_file_uri(key->key_uri))
	{
		*hint = "Private keys must be regular files in the directory seal/PROVIDER below ootspg.key_directory, owned by the server's user with mode 0600 (chown postgres: FILE; chmod 600 FILE), or by root with mode 0640.";
		buffer = MemoryContextAlloc(key->context, KEY_MAX_BYTES);
		refusal = load_private_file(key, buffer);
		pfree(buffer);
		return refusal;
	}
	refusal = load_from_store(key, key->key_uri, OSSL_STORE_INFO_PKEY, hint);
	if (refusal == NULL && key->private_key == NULL)
		refusal = "the provider found no private key under its URI";
	key->library = provider_library();
	return refusal;
}

const char *
key_load_certificates(SealKey *key, const char **hint)
{
	const char *refusal;
	char	   *buffer;

	key->certificates = sk_X509_new_null();
	if (key->certificates == NULL)
		return "memory is exhausted";
	if (is_file_uri(key->certificate_uri))
	{
		*hint = "Certificates must be PEM files in the directory seal/PROVIDER below ootspg.key_directory that the server's user can read (chown postgres: FILE): the seal certificate first, then intermediates.";
		buffer = MemoryContextAlloc(key->context, KEY_MAX_BYTES);
		refusal = load_certificate_file(key, buffer);
		pfree(buffer);
	}
	else
		refusal = load_from_store(key, key->certificate_uri, OSSL_STORE_INFO_CERT, hint);
	if (refusal == NULL && sk_X509_num(key->certificates) == 0)
		refusal = "there is no certificate in it";
	if (refusal == NULL && sk_X509_num(key->certificates) > KEY_MAX_CERTIFICATES)
		refusal = "there are too many certificates in it";
	return refusal;
}

static bool
unchanged(const char *place, const KeyFile *file, KeyFileKind kind)
{
	KeyFileState now;

	return !file->used ||
		(key_file_inspect(place, file->path, kind, &now, NULL, 0, NULL) == NULL &&
		 key_file_same(&file->state, &now));
}

bool
key_files_unchanged(const SealKey *key)
{
	return oots_key_directory != NULL && strcmp(key->directory, oots_key_directory) == 0 &&
		unchanged(key->place, &key->key_file, KEY_FILE_SECRET) &&
		unchanged(key->place, &key->passphrase_file, KEY_FILE_SECRET) &&
		unchanged(key->place, &key->certificate_file, KEY_FILE_CERTIFICATE);
}
