/*
 * peer.c
 *		Credentials are files in a place of their own below ootspg.key_directory,
 *		so that no row can name a seal key's file or its pass phrase (D-SEC-08).
 *		They are read when they are needed: a changed password or certificate is
 *		used by the next call. A password that was read within the last second, from
 *		a file that nobody has touched since, is the same: to find its file takes a
 *		dozen system calls, and an exchange makes four calls.
 */
#include "postgres.h"

#include <sys/stat.h>

#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "seal/keyfile.h"
#include "settings.h"
#include "worker/peer.h"

#define MAX_PASSWORD 1024
#define KEPT_MS 1000
#define TICK_MS 20				/* two changes within that may bear the same time */

/* The password that was read last: mostly there is one. */
typedef struct KeptPassword
{
	char	   *path;
	struct stat file;			/* as it was before it was read */
	TimestampTz read_at;
	char	   *password;
} KeptPassword;

static KeptPassword kept = {0};

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

static bool
same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool
is_kept(const char *path, const struct stat *file)
{
	return kept.path != NULL && strcmp(kept.path, path) == 0 && !TimestampDifferenceExceeds(kept.read_at, GetCurrentTimestamp(), KEPT_MS) &&
		file->st_dev == kept.file.st_dev && file->st_ino == kept.file.st_ino && file->st_size == kept.file.st_size &&
		same_time(file->st_mtim, kept.file.st_mtim) && same_time(file->st_ctim, kept.file.st_ctim);
}

/* Not when it was changed just before: the next change might not show. */
static void
keep(const char *path, const struct stat *file, const char *password)
{
	TimestampTz changed = time_t_to_timestamptz(file->st_ctim.tv_sec) + file->st_ctim.tv_nsec / 1000;

	if (kept.path != NULL)
	{
		explicit_bzero(kept.password, strlen(kept.password));
		pfree(kept.password);
		pfree(kept.path);
		kept.path = NULL;
	}
	if (!TimestampDifferenceExceeds(changed, GetCurrentTimestamp(), TICK_MS))
		return;
	kept.password = MemoryContextStrdup(TopMemoryContext, password);
	kept.file = *file;
	kept.read_at = GetCurrentTimestamp();
	kept.path = MemoryContextStrdup(TopMemoryContext, path);
}

static const char *
password_of(const char *uri, const char **password)
{
	char	   *path = file_path(uri);
	struct stat file;
	bool		there = stat(path, &file) == 0;
	const char *fault = NULL;

	if (there && is_kept(path, &file))
		*password = pstrdup(kept.password);
	else
	{
		fault = read_password(uri, password);
		if (fault == NULL && there)
			keep(path, &file, *password);
	}
	pfree(path);
	return fault;
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
		fault = password_of(point->password_uri, &peer->password);
	return fault;
}

void
peer_forget(HttpPeer *peer)
{
	if (peer->password != NULL)
		explicit_bzero((char *) peer->password, strlen(peer->password));
}
