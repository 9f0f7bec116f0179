/*
 * keyfile.c
 *		Open a file below ootspg.key_directory without trusting its path: every
 *		link is resolved first, the result must lie inside the directory, and
 *		the way there is then walked from the directory's descriptor without
 *		following links, so that nothing swapped in between can lead outside.
 *		Owner and mode are those of the opened descriptor (SEAL §6).
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

const char *
key_file_inspect(const char *path, KeyFileKind kind, KeyFileState *state,
				 char *buffer, size_t size, size_t *length)
{
	char		joined[MAXPGPATH];
	char		directory[PATH_MAX];
	char		resolved[PATH_MAX];
	size_t		prefix;
	struct stat st;
	const char *refusal;
	int			fd;

	if (oots_key_directory == NULL || realpath(oots_key_directory, directory) == NULL)
		return "ootspg.key_directory can't be opened";
	prefix = strlen(directory);
	if (path[0] == '/')
		strlcpy(joined, path, sizeof(joined));
	else
		snprintf(joined, sizeof(joined), "%s/%s", directory, path);
	if (realpath(joined, resolved) == NULL)
		return errno == EACCES ? "the server's user has no access to it" : "it does not exist";
	if (strncmp(resolved, directory, prefix) != 0 || resolved[prefix] != '/')
		return "it lies outside of ootspg.key_directory";

	fd = open_beneath(directory, resolved + prefix + 1);
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
