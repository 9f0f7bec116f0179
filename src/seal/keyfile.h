/*
 * keyfile.h
 *		Opening key, certificate and password files safely: inside their place
 *		below ootspg.key_directory, regular, with the owner and mode that
 *		PostgreSQL asks of its own ssl_key_file (SEAL §6).
 *
 *		A place is a directory below ootspg.key_directory that holds the files of
 *		one purpose: whoever may name a file of one place names none of another.
 */
#ifndef OOTSPG_SEAL_KEYFILE_H
#define OOTSPG_SEAL_KEYFILE_H

#include <sys/stat.h>

#define PLACE_OF_SEALS			"seal/"			/* and the provider's name */
#define PLACE_OF_CREDENTIALS	"credentials"	/* of access points and directories */
#define PLACE_OF_SEARCH_KEYS	"search"
#define PLACE_OF_CONTENT_KEYS	"content"
#define PLACE_OF_AUDIT_KEYS		"audit"

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
 * Check the file at path (absolute, or relative to place; the whole key directory
 * when place is "") and note its state. Contents are read when buffer is not NULL:
 * at most size bytes, their number goes to *length. Returns NULL, or the reason for
 * refusal, a constant text that names no path and, of what lies outside of the
 * place, says just that. Never raises: the caller may hold secrets.
 */
extern const char *key_file_inspect(const char *place, const char *path, KeyFileKind kind, KeyFileState *state,
									char *buffer, size_t size, size_t *length);

extern bool key_file_same(const KeyFileState *a, const KeyFileState *b);

#endif							/* OOTSPG_SEAL_KEYFILE_H */
