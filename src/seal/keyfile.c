/*
 * keyfile.c
 *		Open a file of a place below ootspg.key_directory without trusting its
 *		path: every link is resolved first, the result must lie inside the place,
 *		and the way there is then walked from its descriptor without following
 *		links, so that nothing swapped in between can lead outside. Owner and
 *		mode are those of the opened descriptor (SEAL §6).
 *
 *		Descriptors are closed before return and nothing here raises, so there
 *		is nothing for the server's own file descriptor bookkeeping to know.
 */
#include "postgres.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "seal/keyfile.h"
#include "settings.h"

#define KEY_FILE_FLAGS	(O_RDONLY | O_CLOEXEC | O_NOFOLLOW)

/* Walk from directory down the relative path; -1 when it can't be opened. */
static int
open_beneath(const char *directory, char *relative)
{
	int			fd = open(directory, KEY_FILE_FLAGS | O_DIRECTORY);

	for (char *name = relative; fd >= 0; )
	{
		char	   *slash = strchr(name, '/');
		int			next;

		if (slash != NULL)
			*slash = '\0';
		/* O_NONBLOCK: a FIFO must not hold the backend before fstat() refuses it */
		next = openat(fd, name, KEY_FILE_FLAGS | (slash ? O_DIRECTORY : O_NONBLOCK));
		close(fd);
		fd = next;
		if (slash == NULL)
			break;
		name = slash + 1;
	}
	return fd;
}

static const char *
refuse_by_state(const struct stat *st, KeyFileKind kind)
{
	if (!S_ISREG(st->st_mode))
		return "it is not a regular file";
	if (kind == KEY_FILE_CERTIFICATE)
		return (st->st_mode & S_IWOTH) ? "everybody may write it" : NULL;
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return "it is owned neither by the server's user nor by root";
	if (st->st_uid == geteuid() ? (st->st_mode & (S_IRWXG | S_IRWXO)) != 0
		: (st->st_mode & (S_IWGRP | S_IXGRP | S_IRWXO)) != 0)
		return "its group or others have access to it";
	return NULL;
}

static const char *
read_all(int fd, char *buffer, size_t size, size_t *length)
{
	*length = 0;
	while (*length < size)
	{
		ssize_t		got = read(fd, buffer + *length, size - *length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return "it can't be read";
		if (got == 0)
			return NULL;
		*length += got;
	}
	return "it is too large";
}

#define OUTSIDE "it lies outside of its place in ootspg.key_directory"

static bool
is_beneath(const char *path, const char *directory)
{
	size_t		length = strlen(directory);

	return strncmp(path, directory, length) == 0 && path[length] == '/';
}

/* Does a segment lead upwards? Then the path means what only the file system can tell. */
static bool
climbs(const char *path)
{
	for (const char *found = path; (found = strstr(found, "..")) != NULL; found += 2)
		if ((found == path || found[-1] == '/') && (found[2] == '/' || found[2] == '\0'))
			return true;
	return false;
}

/*
 * A path that can't be resolved, segment by segment: as soon as one leads out of the
 * directory, or is a link to nowhere, nothing more is told, whatever is out there.
 */
static const char *
refuse_unresolved(const char *directory, char *path)
{
	char		resolved[PATH_MAX];
	struct stat st;
	const char *refusal = NULL;

	for (char *slash = path + strlen(directory); refusal == NULL && slash != NULL; )
	{
		slash = strchr(slash + 1, '/');
		if (slash != NULL)
			*slash = '\0';
		if (realpath(path, resolved) != NULL)
			refusal = is_beneath(resolved, directory) ? NULL : OUTSIDE;
		else if (lstat(path, &st) == 0)
			refusal = OUTSIDE;
		else
			refusal = errno == EACCES ? "the server's user has no access to it" : "it does not exist";
		if (slash != NULL)
			*slash = '/';
	}
	return refusal ? refusal : "it does not exist";
}

/* The directory of a place with its links resolved; false when there is none. */
static bool
find_place(const char *place, char *directory)
{
	char		path[MAXPGPATH];

	if (oots_key_directory == NULL)
		return false;
	snprintf(path, sizeof(path), "%s%s%s", oots_key_directory, place[0] ? "/" : "", place);
	return realpath(path, directory) != NULL;
}

/* The path below the directory; NULL when it says by itself that it leads elsewhere. */
static char *
join_path(const char *place, const char *directory, const char *path, char *joined)
{
	char		named[MAXPGPATH];

	snprintf(named, sizeof(named), "%s%s%s", oots_key_directory, place[0] ? "/" : "", place);
	if (climbs(path))
		return NULL;
	if (path[0] == '/')
	{
		if (is_beneath(path, named))
			path += strlen(named) + 1;
		else if (is_beneath(path, directory))
			path += strlen(directory) + 1;
		else
			return NULL;
	}
	snprintf(joined, PATH_MAX, "%s/%s", directory, path);
	return joined;
}

const char *
key_file_inspect(const char *place, const char *path, KeyFileKind kind, KeyFileState *state,
				 char *buffer, size_t size, size_t *length)
{
	char		joined[PATH_MAX];
	char		directory[PATH_MAX];
	char		resolved[PATH_MAX];
	struct stat st;
	const char *refusal;
	int			fd;

	if (!find_place(place, directory))
		return "its place in ootspg.key_directory can't be opened";
	if (join_path(place, directory, path, joined) == NULL)
		return OUTSIDE;
	if (realpath(joined, resolved) == NULL)
		return refuse_unresolved(directory, joined);
	if (!is_beneath(resolved, directory))
		return OUTSIDE;

	fd = open_beneath(directory, resolved + strlen(directory) + 1);
	if (fd < 0)
		return errno == EACCES ? "the server's user has no access to it" : "it can't be opened";
	refusal = fstat(fd, &st) != 0 ? "it can't be examined" : refuse_by_state(&st, kind);
	if (refusal == NULL && buffer != NULL)
		refusal = read_all(fd, buffer, size, length);
	close(fd);
	if (refusal != NULL)
		return refusal;

	state->device = st.st_dev;
	state->inode = st.st_ino;
	state->size = st.st_size;
	state->modified = st.st_mtim;
	state->changed = st.st_ctim;
	return NULL;
}

bool
key_file_same(const KeyFileState *a, const KeyFileState *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
		a->modified.tv_sec == b->modified.tv_sec && a->modified.tv_nsec == b->modified.tv_nsec &&
		a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}
