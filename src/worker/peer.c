/*
 * peer.c
 *		Credentials are files in a place of their own below ootspg.key_directory,
 *		so that no row can name a seal key's file or its pass phrase (D-SEC-08).
 *		They are read when they are needed: a changed password or certificate is
 *		used by the next call.
 */
#include "postgres.h"

#include "seal/keyfile.h"
#include "settings.h"
#include "worker/peer.h"

#define MAX_PASSWORD 1024

static char *
file_path(const char *uri)
{
	const char *path = uri + strlen("file:");

	return path[0] == '/' ? pstrdup(path) : psprintf("%s/" PLACE_OF_CREDENTIALS "/%s", oots_key_directory, path);
}

/* The column and its URI are configuration: whoever mends it must know which file, and why. */
static const char *
file_fault(const char *column, const char *uri, const char *fault)
{
	return psprintf("the file of %s cannot be used (%s): %s", column, uri, fault);
}

static const char *
check_file(const char *column, const char *uri, KeyFileKind kind, const char **path)
{
	KeyFileState state;
	const char *fault;

	*path = NULL;
	if (uri == NULL)
		return NULL;
	fault = key_file_inspect(PLACE_OF_CREDENTIALS, uri + strlen("file:"), kind, &state, NULL, 0, NULL);
	if (fault != NULL)
		return file_fault(column, uri, fault);
	*path = file_path(uri);
	return NULL;
}

const char *
peer_certificates(const char *column, const char *uri, const char **path)
{
	return check_file(column, uri, KEY_FILE_CERTIFICATE, path);
}

/* The first line of the file. */
static const char *
read_password(const char *uri, const char **password)
{
	char		buffer[MAX_PASSWORD];
	KeyFileState state;
	size_t		length = 0;
	const char *fault = key_file_inspect(PLACE_OF_CREDENTIALS, uri + strlen("file:"), KEY_FILE_SECRET, &state, buffer, sizeof(buffer), &length);

	if (fault == NULL)
	{
		char	   *end = memchr(buffer, '\n', length);

		if (end != NULL)
			length = end - buffer;
		if (length > 0 && buffer[length - 1] == '\r')
			length--;
		*password = pnstrdup(buffer, length);
	}
	explicit_bzero(buffer, sizeof(buffer));
	return fault ? file_fault("password_uri", uri, fault) : NULL;
}

const char *
peer_of(const AccessPoint *point, HttpPeer *peer)
{
	const char *fault;

	memset(peer, 0, sizeof(HttpPeer));
	peer->url = point->url;
	peer->user = point->user_name;
	peer->proxy = point->proxy;
	peer->connect_ms = point->connect_ms;
	peer->stall_ms = point->stall_ms;
	peer->total_ms = point->call_ms;
	fault = check_file("ca_uri", point->ca_uri, KEY_FILE_CERTIFICATE, &peer->ca_file);
	if (fault == NULL)
		fault = check_file("certificate_uri", point->certificate_uri, KEY_FILE_CERTIFICATE, &peer->certificate_file);
	if (fault == NULL)
		fault = check_file("key_uri", point->key_uri, KEY_FILE_SECRET, &peer->key_file);
	if (fault == NULL && point->user_name != NULL)
		fault = read_password(point->password_uri, &peer->password);
	return fault;
}

void
peer_forget(HttpPeer *peer)
{
	if (peer->password != NULL)
		explicit_bzero((char *) peer->password, strlen(peer->password));
}
