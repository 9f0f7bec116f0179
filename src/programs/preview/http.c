/*
 * http.c
 *		Listeners, connections and their limits of time, requests and responses.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "headers.h"
#include "http.h"
#include "listen.h"
#include "log.h"
#include "tls.h"
#include "trouble.h"

/* Request line and headers together, for each connection. */
#define HEAD_MEMORY (24 * 1024)
#define IDLE_SECONDS 30U
/* Documents that are under way at a time, whoever takes them how slowly; pages are not counted. */
#define MOST_UNDER_WAY ((size_t) 128 * 1024 * 1024)
#define LEAST_COUNTED ((size_t) 256 * 1024)

/* A connection, from its beginning to its end. */
typedef struct Line
{
	struct Line *next;
	struct Line **link;
	struct MHD_Connection *connection;
	int			fd;
	int64_t		deadline;		/* by then the present step is done, or the connection ends */
	char		source[INET6_ADDRSTRLEN];
} Line;

/* A request of a connection. */
typedef struct Incoming
{
	Request		request;
	struct MHD_Connection *connection;
	Line	   *line;
	bool		answered;		/* a response stands in it */
	int64_t		began;
	size_t		under_way;		/* of its response, as far as it is counted */
} Incoming;

static struct MHD_Daemon *pages;
static struct MHD_Daemon *interface;
static const Config *config;
static QuickHandler quick_handler;
static pthread_mutex_t lines_mutex = PTHREAD_MUTEX_INITIALIZER;
static Line *lines;
static atomic_size_t under_way;

static int64_t
milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static void
set_deadline(Line *line, long seconds)
{
	pthread_mutex_lock(&lines_mutex);
	line->deadline = milliseconds() + seconds * 1000;
	pthread_mutex_unlock(&lines_mutex);
}

static void
note_source(Line *line)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(line->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *address = info ? info->client_addr : NULL;

	if (address && address->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *) address)->sin_addr, line->source, sizeof(line->source));
	else if (address && address->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *) address)->sin6_addr, line->source, sizeof(line->source));
}

/* Callers of the interface show their certificate, or the handshake fails: the library would only note it. */
static void
ask_for_certificate(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);

	gnutls_certificate_server_set_request(info->tls_session, GNUTLS_CERT_REQUIRE);
	gnutls_session_set_verify_cert(info->tls_session, NULL, 0);
}

static void
connection_changed(void *is_interface, struct MHD_Connection *connection, void **state, enum MHD_ConnectionNotificationCode code)
{
	Line	   *line = *state;

	if (code == MHD_CONNECTION_NOTIFY_STARTED)
	{
		line = take_memory(sizeof(Line));
		line->connection = connection;
		line->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
		note_source(line);
		if (is_interface && config->json_client_ca)
			ask_for_certificate(connection);
		pthread_mutex_lock(&lines_mutex);
		line->deadline = milliseconds() + config->request_seconds * 1000;
		line->next = lines;
		line->link = &lines;
		if (lines)
			lines->link = &line->next;
		lines = line;
		pthread_mutex_unlock(&lines_mutex);
		*state = line;
	}
	else if (line)
	{
		pthread_mutex_lock(&lines_mutex);
		*line->link = line->next;
		if (line->next)
			line->next->link = line->link;
		pthread_mutex_unlock(&lines_mutex);
		free(line);
		*state = NULL;
	}
}

void
http_end_slow(void)
{
	int64_t		now = milliseconds();

	pthread_mutex_lock(&lines_mutex);
	for (Line *line = lines; line; line = line->next)
		if (line->deadline < now)
			shutdown(line->fd, SHUT_RDWR);
	pthread_mutex_unlock(&lines_mutex);
}

static enum MHD_Result
copy_field(void *state, enum MHD_ValueKind kind, const char *name, const char *value)
{
	Request    *request = state;

	(void) kind;
	field_add(&request->arena, &request->headers, arena_text(&request->arena, name), arena_text(&request->arena, value ? value : ""));
	return MHD_YES;
}

/* The query as it came, which the library does not hand out whole otherwise. */
static void *
begin_request(void *unused, const char *uri, struct MHD_Connection *connection)
{
	Incoming   *incoming = take_memory(sizeof(Incoming));
	Request    *request = &incoming->request;
	const char *question = strchr(uri, '?');

	(void) unused;
	incoming->connection = connection;
	incoming->began = milliseconds();
	request->response.body.arena = request->body.arena = &request->arena;
	request->path = arena_copy(&request->arena, uri, question ? (size_t) (question - uri) : strlen(uri));
	if (question)
		request->query = fields_read(&request->arena, question + 1, strlen(question + 1));
	return incoming;
}

/* The first time a request is seen: its head is here. */
static void
read_head(Incoming *incoming, const char *method, bool json)
{
	Request    *request = &incoming->request;
	const char *length;

	incoming->line = *(Line **) MHD_get_connection_info(incoming->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	set_deadline(incoming->line, config->request_seconds);
	request->config = config;
	request->json = json;
	request->source = incoming->line ? incoming->line->source : "";
	request->method = arena_text(&request->arena, strcmp(method, "HEAD") == 0 ? "GET" : method);
	request->route = "unread";
	MHD_get_connection_values(incoming->connection, MHD_HEADER_KIND, copy_field, request);
	length = request_header(request, "Content-Length");
	if (length && strtoull(length, NULL, 10) > MOST_BODY)
		request->too_large = true;
}

/* One is let through in any case, however large it is. */
static void
count_response(Incoming *incoming)
{
	Request    *request = &incoming->request;
	size_t		len = request->response.body.len;
	size_t		before;

	if (len < LEAST_COUNTED)
		return;
	before = atomic_fetch_add(&under_way, len);
	if (before == 0 || before + len <= MOST_UNDER_WAY)
	{
		incoming->under_way = len;
		return;
	}
	atomic_fetch_sub(&under_way, len);
	request->response.headers = NULL;
	trouble_plain(request, MHD_HTTP_SERVICE_UNAVAILABLE);
}

static enum MHD_Result
send_response(Incoming *incoming, const char *method)
{
	Request    *request = &incoming->request;
	Response   *response = &request->response;
	struct MHD_Response *out;
	enum MHD_Result result;

	count_response(incoming);
	/* the arena has it until the request is completed, and wipes it then: a copy would be left behind */
	out = MHD_create_response_from_buffer(response->body.len, response->body.data ? response->body.data : (void *) "", MHD_RESPMEM_PERSISTENT);
	if (out == NULL)
		return MHD_NO;
	headers_complete(request);
	for (const Field *field = response->headers; field; field = field->next)
		MHD_add_response_header(out, field->name, field->value);
	set_deadline(incoming->line, config->answer_seconds);
	log_access(method, request->route, response->status, request->language ? request->language->code : "-", milliseconds() - incoming->began);
	result = MHD_queue_response(incoming->connection, response->status, out);
	MHD_destroy_response(out);
	return result;
}

static void
worker_done(void *owner)
{
	Incoming   *incoming = owner;

	incoming->answered = true;
	MHD_resume_connection(incoming->connection);
}

/* Called for the head, for each piece of the body, at its end, and when a worker has answered. */
static enum MHD_Result
handle(void *is_interface, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
	   const char *data, size_t *size, void **state)
{
	Incoming   *incoming = *state;
	Request    *request = &incoming->request;

	(void) url, (void) version;
	if (incoming->answered)
		return send_response(incoming, method);
	if (request->method == NULL)
	{
		read_head(incoming, method, is_interface != NULL);
		if (!request->too_large)
			return MHD_YES;
	}
	else if (*size > 0)
	{
		if (request->body.len + *size > MOST_BODY)
			request->too_large = true;
		else
			buffer_add(&request->body, data, *size);
		*size = 0;
		return MHD_YES;
	}
	if (request->too_large)
		return trouble_plain(request, MHD_HTTP_CONTENT_TOO_LARGE), send_response(incoming, method);
	request_prepare(request);
	if (quick_handler(request))
		return send_response(incoming, method);
	MHD_suspend_connection(connection);
	if (queue_add(request, incoming))
		return MHD_YES;
	trouble_plain(request, MHD_HTTP_SERVICE_UNAVAILABLE);
	worker_done(incoming);
	return MHD_YES;
}

static void
completed(void *unused, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code)
{
	Incoming   *incoming = *state;

	(void) unused, (void) connection, (void) code;
	if (incoming == NULL)
		return;
	/* the next request of the connection has its own time, and idling the library's */
	if (incoming->line)
		set_deadline(incoming->line, config->request_seconds + IDLE_SECONDS);
	atomic_fetch_sub(&under_way, incoming->under_way);
	arena_free(&incoming->request.arena);
	free(incoming);
	*state = NULL;
}

/* Paths are taken as they come; nothing of ours has an escape in it. */
static size_t
leave_escapes(void *unused, struct MHD_Connection *connection, char *text)
{
	(void) unused, (void) connection;
	return strlen(text);
}

/* What the library complains of is what clients do, and may name them. */
static void
ignore_complaint(void *unused, const char *format, va_list arguments)
{
	(void) unused, (void) format, (void) arguments;
}

static struct MHD_Daemon *
start(const char *where, bool tls, void *is_interface)
{
	struct MHD_OptionItem options[4];
	unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | (tls ? MHD_USE_TLS : 0);
	struct MHD_Daemon *daemon;
	int			count = 0;
	int			fd = listen_open(where);

	if (tls)
	{
		options[count++] = (struct MHD_OptionItem) {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *) tls_certificate};
		options[count++] = (struct MHD_OptionItem) {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *) TLS_PRIORITIES};
		if (is_interface)
			options[count++] = (struct MHD_OptionItem) {MHD_OPTION_HTTPS_MEM_TRUST, 0, (void *) tls_read_trust(config->json_client_ca)};
	}
	options[count] = (struct MHD_OptionItem) {MHD_OPTION_END, 0, NULL};
	daemon = MHD_start_daemon(flags, 0, NULL, NULL, handle, is_interface,
							  MHD_OPTION_LISTEN_SOCKET, fd,
							  MHD_OPTION_EXTERNAL_LOGGER, ignore_complaint, NULL,
							  MHD_OPTION_CONNECTION_LIMIT, (unsigned int) config->connections,
							  MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned int) config->connections_per_address,
							  MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
							  MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) HEAD_MEMORY,
							  MHD_OPTION_STRICT_FOR_CLIENT, 1,
							  MHD_OPTION_UNESCAPE_CALLBACK, leave_escapes, NULL,
							  MHD_OPTION_URI_LOG_CALLBACK, begin_request, NULL,
							  MHD_OPTION_NOTIFY_COMPLETED, completed, NULL,
							  MHD_OPTION_NOTIFY_CONNECTION, connection_changed, is_interface,
							  MHD_OPTION_ARRAY, options, MHD_OPTION_END);
	if (daemon == NULL)
		log_fatal("could not serve on %s", where);
	if (listen_port(fd) > 0)
		log_line("listening on port %d", listen_port(fd));
	else
		log_line("listening on %s", where);
	return daemon;
}

void
http_start(const Config *the_config, QuickHandler quick, QueueHandler handler)
{
	config = the_config;
	quick_handler = quick;
	if (config->tls_certificate)
		tls_start(config);
	queue_start(config, handler, worker_done);
	pages = start(config->listen, config->tls_certificate != NULL, NULL);
	if (config->json_listen)
		interface = start(config->json_listen, config->json_client_ca != NULL, &interface);
}

void
http_stop(void)
{
	MHD_socket	fd = MHD_quiesce_daemon(pages);

	/* what is under way is answered: only then may the library stop */
	queue_stop();
	MHD_stop_daemon(pages);
	if (interface)
		MHD_stop_daemon(interface);
	(void) fd;
	listen_close(config->listen);
	listen_close(config->json_listen);
}
