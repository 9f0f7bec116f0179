/*
 * http.c
 *		Listeners (libmicrohttpd), requests coming in, and the choice between
 *		the plugin and the control interface.
 */
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "control.h"
#include "http.h"
#include "reply.h"

#define MAX_LISTENERS 2
#define MAX_REQUEST (512L * 1024 * 1024)

static struct MHD_Daemon *listeners[MAX_LISTENERS];
static char *tls_texts[MAX_LISTENERS * 3];
static int	listener_count;

/* A request while its bytes come in. */
typedef struct Incoming
{
	Buffer		body;
	bool		too_large;
} Incoming;

static bool
is_plugin(const char *url)
{
	return strncmp(url, "/domibus/services/wsplugin", 26) == 0 || strncmp(url, "/services/wsplugin", 18) == 0;
}

static enum MHD_Result
control(struct MHD_Connection *connection, const Buffer *body)
{
	Buffer		out = {0};
	bool		done = control_run(body->data ? body->data : "", body->len, &out);

	return reply_text(connection, done ? 200 : 400, &out);
}

/* HTTP Basic: what the plugin takes for a log-in. */
static void
read_user(struct MHD_Connection *connection, Call *call)
{
	const char *header = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");
	Buffer		text = {0};
	char	   *colon;

	if (header && strncasecmp(header, "Basic ", 6) == 0 && base64_decode(&text, header + 6, strlen(header + 6)) &&
		(colon = strchr(text.data, ':')) != NULL)
	{
		call->user = copy_bytes(text.data, colon - text.data);
		call->password = copy_text(colon + 1);
	}
	buffer_free(&text);
}

static enum MHD_Result
plugin(struct MHD_Connection *connection, const Buffer *body)
{
	Call		call = {0};
	enum MHD_Result result;
	const char *type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Type");

	read_user(connection, &call);
	if (request_parse(&call.request, type, body->data ? body->data : "", body->len, &call.fault))
		call.operation = operation_of(&call.request);
	result = reply_call(connection, &call);
	request_free(&call.request);
	answer_free(&call.answer);
	fault_free(&call.fault);
	free(call.user);
	free(call.password);
	free(call.action.text);
	return result;
}

static enum MHD_Result
answer_request(struct MHD_Connection *connection, const char *url, const char *method, const Incoming *incoming)
{
	bool		is_control = strcmp(url, "/control") == 0;

	if (!is_control && !is_plugin(url))
		return reply_html(connection, 404, NULL, NULL);
	if (strcmp(method, "POST") != 0)
		return reply_html(connection, 405, "Allow", "POST");
	if (incoming->too_large)
		return reply_html(connection, 413, NULL, NULL);
	return is_control ? control(connection, &incoming->body) : plugin(connection, &incoming->body);
}

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
	options[count] = (struct MHD_OptionItem) {MHD_OPTION_END, 0, NULL};
}

uint16_t
http_listen(uint16_t port, const TlsFiles *tls)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct MHD_OptionItem options[4];
	unsigned int flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
		MHD_USE_SUPPRESS_DATE_NO_CLOCK | (tls->certificate ? MHD_USE_TLS : 0);
	struct MHD_Daemon *daemon;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	tls_options(tls, options);
	daemon = MHD_start_daemon(flags, port, NULL, NULL, handle, NULL,
							  MHD_OPTION_SOCK_ADDR, (struct sockaddr *) &address,
							  MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U,
							  MHD_OPTION_CONNECTION_LIMIT, 1000U,
							  MHD_OPTION_CONNECTION_TIMEOUT, 0U,
							  MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) 64 * 1024,
							  MHD_OPTION_NOTIFY_COMPLETED, completed, NULL,
							  MHD_OPTION_NOTIFY_CONNECTION, connected, tls->client_ca,
							  MHD_OPTION_ARRAY, options, MHD_OPTION_END);
	if (daemon == NULL)
		fatal("could not listen on port %d of 127.0.0.1", port);
	listeners[listener_count++] = daemon;
	return MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

void
http_stop(void)
{
	reply_stop();
	while (listener_count > 0)
		MHD_stop_daemon(listeners[--listener_count]);
	for (size_t i = 0; i < lengthof(tls_texts); i++)
		free(tls_texts[i]);
}
