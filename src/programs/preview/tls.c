/*
 * tls.c
 *		The certificate in use. The one before it stays in memory, for a
 *		handshake may be under way with it; the one before that is freed.
 */
#include <gnutls/abstract.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "log.h"
#include "memory.h"
#include "tls.h"

#define MOST_CHAIN 8

typedef struct Credentials
{
	gnutls_pcert_st chain[MOST_CHAIN];
	unsigned int count;
	gnutls_privkey_t key;
} Credentials;

static _Atomic(Credentials *) present;
static Credentials *former;

static void
forget(Credentials *credentials)
{
	if (credentials == NULL)
		return;
	for (unsigned int i = 0; i < credentials->count; i++)
		gnutls_pcert_deinit(&credentials->chain[i]);
	if (credentials->key)
		gnutls_privkey_deinit(credentials->key);
	free(credentials);
}

/* NULL, and said why, when they cannot be used. */
static Credentials *
read_credentials(const Config *config)
{
	Credentials *credentials = take_memory(sizeof(Credentials));
	gnutls_datum_t certificate = {0};
	gnutls_datum_t key = {0};
	gnutls_pcert_st *chain = credentials->chain;
	int			status;

	credentials->count = MOST_CHAIN;
	if ((status = gnutls_load_file(config->tls_certificate, &certificate)) < 0 ||
		(status = gnutls_pcert_list_import_x509_raw(chain, &credentials->count, &certificate, GNUTLS_X509_FMT_PEM, 0)) < 0)
	{
		log_line("\"%s\" cannot be used: %s", config->tls_certificate, gnutls_strerror(status));
		credentials->count = 0;
	}
	else if ((status = gnutls_load_file(config->tls_key, &key)) < 0 || (status = gnutls_privkey_init(&credentials->key)) < 0 ||
			 (status = gnutls_privkey_import_x509_raw(credentials->key, &key, GNUTLS_X509_FMT_PEM, NULL, 0)) < 0)
		log_line("\"%s\" cannot be used: %s", config->tls_key, gnutls_strerror(status));
	gnutls_free(certificate.data);
	gnutls_memset(key.data ? key.data : (unsigned char *) "", 0, key.size);
	gnutls_free(key.data);
	if (status >= 0)
		return credentials;
	forget(credentials);
	return NULL;
}

void
tls_start(const Config *config)
{
	Credentials *credentials = read_credentials(config);

	if (credentials == NULL)
		log_fatal("without certificate and key nobody can be served");
	atomic_store(&present, credentials);
}

void
tls_reload(const Config *config)
{
	Credentials *credentials = read_credentials(config);

	if (credentials == NULL)
		return;
	forget(former);
	former = atomic_exchange(&present, credentials);
	log_line("certificate and key were read again");
}

int
tls_certificate(gnutls_session_t session, const gnutls_datum_t *names, int name_count, const gnutls_pk_algorithm_t *algorithms,
				int algorithm_count, gnutls_pcert_st **certificates, unsigned int *count, gnutls_privkey_t *key)
{
	Credentials *credentials = atomic_load(&present);

	(void) session, (void) names, (void) name_count, (void) algorithms, (void) algorithm_count;
	*certificates = credentials->chain;
	*count = credentials->count;
	*key = credentials->key;
	return 0;
}

const char *
tls_read_trust(const char *path)
{
	gnutls_datum_t text;

	if (gnutls_load_file(path, &text) < 0)
		log_fatal("\"%s\" cannot be read", path);
	return (const char *) text.data;
}
