/*
 * keyring.c
 *		Read a setting that names secrets, and the secrets.
 */
#include "postgres.h"

#include "seal/keyfile.h"
#include "seal/keyring.h"

#define MIN_SECRET 32
#define SCHEME "=file:"

bool
keyring_next(const char **rest, char id[KEYRING_MAX_ID], char path[KEYRING_MAX_PATH])
{
	const char *start = *rest + strspn(*rest, " ");
	size_t		id_length = strspn(start, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");
	const char *file = start + id_length + strlen(SCHEME);
	size_t		length;

	if (*start == '\0')
	{
		*rest = start;
		return false;
	}
	if (id_length == 0 || id_length >= KEYRING_MAX_ID || strncmp(start + id_length, SCHEME, strlen(SCHEME)) != 0)
		return false;
	length = strcspn(file, ", ");
	if (length == 0 || length >= KEYRING_MAX_PATH)
		return false;
	memcpy(id, start, id_length);
	id[id_length] = '\0';
	memcpy(path, file, length);
	path[length] = '\0';
	file += length + strspn(file + length, " ");
	if (*file != '\0' && *file++ != ',')
		return false;
	*rest = file;
	return true;
}

bool
keyring_well_formed(const char *setting)
{
	char		id[KEYRING_MAX_ID];
	char		path[KEYRING_MAX_PATH];

	while (keyring_next(&setting, id, path))
		;
	return *setting == '\0';
}

const char *
keyring_read(const char *place, const char *path, uint8 secret[KEYRING_MAX_SECRET], size_t *length)
{
	KeyFileState state;
	const char *fault = key_file_inspect(place, path, KEY_FILE_SECRET, &state, (char *) secret, KEYRING_MAX_SECRET, length);

	/* an editor's end of line is no part of it */
	while (fault == NULL && *length > 0 && strchr("\r\n", secret[*length - 1]) != NULL)
		(*length)--;
	if (fault == NULL && *length < MIN_SECRET)
		fault = "it has less than 32 bytes";
	if (fault != NULL)
		explicit_bzero(secret, KEYRING_MAX_SECRET);
	return fault;
}
