/*
 * keyring.h
 *		Secrets named by a setting, the current one first: ID=file:NAME, …  Each is a file of a
 *		place below ootspg.key_directory, of 32 bytes at least, and is replaced by putting
 *		another one in front.
 */
#ifndef OOTSPG_SEAL_KEYRING_H
#define OOTSPG_SEAL_KEYRING_H

#define KEYRING_MAX_ID		64
#define KEYRING_MAX_PATH	1024
#define KEYRING_MAX_SECRET	1024

/*
 * Take the next entry off *rest. False at its end, and where it has not that form: then *rest is
 * not at the end.
 */
extern bool keyring_next(const char **rest, char id[KEYRING_MAX_ID], char path[KEYRING_MAX_PATH]);

/* Has the setting the form it should have? Never raises. */
extern bool keyring_well_formed(const char *setting);

/* The secret in the file, or why it can't be used; then nothing of it stays. Never raises: the caller wipes it. */
extern const char *keyring_read(const char *place, const char *path, uint8 secret[KEYRING_MAX_SECRET], size_t *length);

#endif							/* OOTSPG_SEAL_KEYRING_H */
