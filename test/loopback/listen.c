/*
 * listen.c
 *		Listeners (libmicrohttpd) and requests coming in, whatever they ask for.
 */
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>

#include "listen.h"

#define MAX_LISTENERS 2
#define MAX_REQUEST (512L * 1024 * 1024)

static struct MHD_Daemon *listeners[MAX_LISTENERS];
static char *tls_texts[MAX_LISTENERS * 3];
static int	listener_count;
static RequestHandler answer_request;

/* Called for the head, for each piece of the body and at its end. */
static enum MHD_Result
handle(void *unused, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
	   const char *data, size_t *size, void **state)
{
	Incoming   *incoming = *state;

	(void) unused, (void) version;
	if (incoming == NULL)
	{
		*state = allocate(sizeof(Incoming));
		return MHD_YES;
	}
	if (*size == 0)
		return answer_request(connection, url, method, incoming);
	if (incoming->body.len + *size > MAX_REQUEST)
		incoming->too_large = true;
	else
		buffer_add(&incoming->body, data, *size);
	*size = 0;
	return MHD_YES;
}

static void
completed(void *unused, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code)
{
	Incoming   *incoming = *state;

	(void) unused, (void) connection, (void) code;
	if (incoming)
		buffer_free(&incoming->body);
	free(incoming);
	*state = NULL;
}

/*
 * The library asks for a certificate of the client and takes none for an
 * answer; here the handshake fails without a good one.
 */
static void
connected(void *ask, struct MHD_Connection *connection, void **state, enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info;

	(void) state;
	if (ask == NULL || code != MHD_CONNECTION_NOTIFY_STARTED)
		return;
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	gnutls_certificate_server_set_request(info->tls_session, GNUTLS_CERT_REQUIRE);
	gnutls_session_set_verify_cert(info->tls_session, NULL, 0);
}

static char *
read_file(const char *path)
{
	FILE	   *file = fopen(path, "re");
	Buffer		text = {0};
	char		piece[4096];
	size_t		len;

	if (file == NULL)
		fatal("could not open \"%s\": %m", path);
	while ((len = fread(piece, 1, sizeof(piece), file)) > 0)
		buffer_add(&text, piece, len);
	if (ferror(file) || text.data == NULL)
		fatal("could not read \"%s\"", path);
	fclose(file);
	return text.data;
}

/* The library uses the texts as long as it listens. */
static void
tls_options(const TlsFiles *tls, struct MHD_OptionItem *options)
{
	char	  **texts = &tls_texts[listener_count * 3];
	int			count = 0;

	if (tls->certificate)
	{
		texts[0] = read_file(tls->certificate);
		texts[1] = read_file(tls->key);
		options[count++] = (struct MHD_OptionItem) {MHD_OPTION_HTTPS_MEM_CERT, 0, texts[0]};
		options[count++] = (struct MHD_OptionItem) {MHD_OPTION_HTTPS_MEM_KEY, 0, texts[1]};
	}
	if (tls->client_ca)
	{
		texts[2] = read_file(tls->client_ca);
		options[count++] = (struct MHD_OptionItem) {MHD_OPTION_HTTPS_MEM_TRUST, 0, texts[2]};
	}
	if (tls->priorities)
		options[count++] = (struct MHD_OptionItem) {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *) tls->priorities};
	options[count] = (struct MHD_OptionItem) {MHD_OPTION_END, 0, NULL};
}

uint16_t
listen_start(uint16_t port, const TlsFiles *tls, size_t memory, RequestHandler handler)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct MHD_OptionItem options[5];
	unsigned int flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
		MHD_USE_SUPPRESS_DATE_NO_CLOCK | (tls->certificate ? MHD_USE_TLS : 0);
	struct MHD_Daemon *daemon;

	answer_request = handler;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	tls_options(tls, options);
	daemon = MHD_start_daemon(flags, port, NULL, NULL, handle, NULL,
							  MHD_OPTION_SOCK_ADDR, (struct sockaddr *) &address,
							  MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U,
							  MHD_OPTION_CONNECTION_LIMIT, 1000U,
							  MHD_OPTION_CONNECTION_TIMEOUT, 0U,
							  MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory,
							  MHD_OPTION_NOTIFY_COMPLETED, completed, NULL,
							  MHD_OPTION_NOTIFY_CONNECTION, connected, tls->client_ca,
							  MHD_OPTION_ARRAY, options, MHD_OPTION_END);
	if (daemon == NULL)
		fatal("could not listen on port %d of 127.0.0.1", port);
	listeners[listener_count++] = daemon;
	return MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

void
listen_announce(const char *path, uint16_t port)
{
	char	   *temporary = format_text("%s.tmp", path);
	FILE	   *file = fopen(temporary, "we");

	if (file == NULL || fprintf(file, "%d\n", port) < 0 || fclose(file) != 0 || rename(temporary, path) != 0)
		fatal("could not write \"%s\": %m", path);
	free(temporary);
}

void
listen_stop(void)
{
	while (listener_count > 0)
		MHD_stop_daemon(listeners[--listener_count]);
	for (size_t i = 0; i < lengthof(tls_texts); i++)
		free(tls_texts[i]);
}
