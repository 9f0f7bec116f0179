/*
 * config.h
 *		What the operator decides: a file of lines "name = value", and the same
 *		names as options --name=value, which prevail. What belongs to the
 *		authority (texts, languages, mark) is in the database instead.
 */
#ifndef PREVIEW_CONFIG_H
#define PREVIEW_CONFIG_H

#include <stdbool.h>

#define MOST_CLAIMS 24

typedef struct ClaimSource
{
	const char *claim;			/* its name for the database */
	const char *header;			/* the header that the proxy puts it in; or */
	const char *value;			/* what always holds, such as the source */
} ClaimSource;

typedef struct Config
{
	const char *listen;			/* unix:/path, ADDRESS:PORT, or systemd */
	const char *json_listen;	/* NULL: no JSON interface */
	const char *database;		/* connection string or URI */
	const char *time_zone;
	const char *tls_certificate;
	const char *tls_key;
	const char *json_client_ca; /* callers of the JSON interface show a certificate of it */
	const char *proxy_secret;	/* what X-Ootspg-Proxy has to carry; read from proxy_secret_file */
	const char *sign_out;		/* path of the proxy that ends its session and leads back; {link} is the link */
	bool		forwarded;		/* the last address of X-Forwarded-For is the client's */
	long		workers;
	long		connections;
	long		connections_per_address;
	long		request_seconds;	/* for a request to arrive whole */
	long		answer_seconds; /* for an answer to be taken */
	ClaimSource claims[MOST_CLAIMS];
	int			claim_count;
} Config;

/* Ends the program, in words, when something is wrong. */
extern const Config *config_read(int argc, char **argv);

#endif
