/*
 * tls.h
 *		Certificate and key of a server that speaks TLS by itself, read again
 *		on demand while it runs.
 */
#ifndef PREVIEW_TLS_H
#define PREVIEW_TLS_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

#include "config.h"

/* Ends the program when the files cannot be used. */
extern void tls_start(const Config *config);
/* Keeps what it has, and says so, when the new files cannot be used. */
extern void tls_reload(const Config *config);

/* For the HTTP library: the present certificate, for each handshake. */
extern int	tls_certificate(gnutls_session_t session, const gnutls_datum_t *names, int name_count,
							const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **certificates,
							unsigned int *count, gnutls_privkey_t *key);

/* The text of a file of certificates, for as long as the program runs. */
extern const char *tls_read_trust(const char *path);

#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE"

#endif
