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

char *
peer_file_path(const char *uri)
{
	const char *path = uri ? uri + strlen("file:") : NULL;

	if (path == NULL)
		return NULL;
	return path[0] == '/' ? pstrdup(path) : psprintf("%s/" PLACE_OF_CREDENTIALS "/%s", oots_key_directory, path);
}

static const char *
check_file(const char *uri, KeyFileKind kind, const char **path)
{
	KeyFileState state;

	*path = peer_file_path(uri);
	return uri ? key_file_inspect(PLACE_OF_CREDENTIALS, uri + strlen("file:"), kind, &state, NULL, 0, NULL) : NULL;
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
	return fault;
}

const char *
peer_of(const AccessPoint *point, HttpPeer *peer)
{
	memset(peer, 0, sizeof(HttpPeer));
	peer->url = point->url;
	peer->user = point->user_name;
	peer->proxy = point->proxy;
	peer->connect_ms = point->connect_ms;
	peer->stall_ms = point->stall_ms;
	peer->total_ms = point->call_ms;
	if (check_file(point->ca_uri, KEY_FILE_CERTIFICATE, &peer->ca_file) != NULL)
		return "the file of ca_uri cannot be used";
	if (check_file(point->certificate_uri, KEY_FILE_CERTIFICATE, &peer->certificate_file) != NULL)
		return "the file of certificate_uri cannot be used";
	if (check_file(point->key_uri, KEY_FILE_SECRET, &peer->key_file) != NULL)
		return "the file of key_uri cannot be used";
	if (point->user_name != NULL && read_password(point->password_uri, &peer->password) != NULL)
		return "the file of password_uri cannot be used";
	return NULL;
}

void
peer_forget(HttpPeer *peer)
{
	if (peer->password != NULL)
		explicit_bzero((char *) peer->password, strlen(peer->password));
}
