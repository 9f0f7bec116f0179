/*
 * keyfile.h
 *		Opening seal key, certificate and pass phrase files safely: inside
 *		ootspg.key_directory, regular, with the owner and mode that
 *		PostgreSQL asks of its own ssl_key_file (SEAL §6).
 */
#ifndef OOTSPG_SEAL_KEYFILE_H
#define OOTSPG_SEAL_KEYFILE_H

#include <sys/stat.h>

typedef enum KeyFileKind
{
	KEY_FILE_SECRET,			/* private key or pass phrase */
	KEY_FILE_CERTIFICATE
} KeyFileKind;

/* what tells one state of a file from another */
typedef struct KeyFileState
{
	dev_t		device;
	ino_t		inode;
	off_t		size;
	struct timespec modified;
	struct timespec changed;	/* also moves when owner or mode change */
} KeyFileState;

/*
 * Check the file at path (absolute, or relative to the key directory) and note
 * its state. Contents are read when buffer is not NULL: at most size bytes, their
 * number goes to *length. Returns NULL, or the reason for refusal, a constant
 * text that names no path. Never raises: the caller may hold secrets.
 */
extern const char *key_file_inspect(const char *path, KeyFileKind kind, KeyFileState *state,
									char *buffer, size_t size, size_t *length);

extern bool key_file_same(const KeyFileState *a, const KeyFileState *b);

#endif							/* OOTSPG_SEAL_KEYFILE_H */
