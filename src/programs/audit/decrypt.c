/*
 * decrypt.c
 *		Messages of an export in clear, into a directory of the caller's own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/pem.h>

#include "closed.h"
#include "export.h"
#include "log.h"
#include "proof.h"

static EVP_PKEY *
read_key(const char *path)
{
	FILE	   *file = fopen(path, "r");
	EVP_PKEY   *key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;

	if (file == NULL)
		log_fatal("%s: %s", path, strerror(errno));
	fclose(file);
	if (key == NULL)
		log_fatal("%s: no private key can be read there", path);
	return key;
}

/* keys/ID-n.cms, whichever of them is for this reader. */
static bool
find_key(const Export *export, const char *id, EVP_PKEY *reader, uint8_t key[CLOSED_KEY])
{
	const char *begin = arena_format(export->arena, "keys/%s-", id);

	for (size_t i = 0; i < export->archive.count; i++)
		if (strncmp(export->archive.files[i].name, begin, strlen(begin)) == 0 && closed_key(&export->archive.files[i], reader, key))
			return true;
	return false;
}

static void
write_file(const Export *export, const char *directory, const File *message, const uint8_t *bytes, size_t size)
{
	const char *path = arena_format(export->arena, "%s/%s", directory, message->name + strlen("messages/"));
	FILE	   *file = fopen(path, "wbx");

	if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
		log_fatal("%s: %s", path, strerror(errno));
}

/* NULL, or why the message could not be read. */
static const char *
decrypt_message(const Export *export, const char *directory, EVP_PKEY *reader, const File *text, const File *message, const char *column)
{
	const char *id;
	const char *event;
	size_t		id_length;
	size_t		event_length;
	uint8_t		key[CLOSED_KEY];
	Clear		clear = {0};
	const char *fault;

	if (strncmp(message->name, "messages/", strlen("messages/")) != 0 || strchr(message->name + strlen("messages/"), '/') != NULL ||
		!row_value(text->bytes, text->size, "event_id", &event, &event_length))
		return "it is none of this export";
	if (!row_value(text->bytes, text->size, "audit_key", &id, &id_length))
	{
		write_file(export, directory, message, message->bytes, message->size);
		return NULL;
	}
	if (!find_key(export, arena_copy(export->arena, id, id_length), reader, key))
		return "its key is not for this reader";
	fault = closed_open(message->bytes, message->size, key, arena_format(export->arena, "exchange_event %s %.*s 0", column, (int) event_length, event), &clear);
	if (fault == NULL)
		write_file(export, directory, message, clear.bytes, clear.size);
	free(clear.bytes);
	return fault;
}

bool
export_decrypt(const Export *export, const char *key_path, const char *directory)
{
	static const char *const columns[] = {"first_part", "header"};
	EVP_PKEY   *reader = read_key(key_path);
	const Json *rows = json_get(export->manifest, "rows");
	bool		all = true;

	if (mkdir(directory, 0700) != 0)
		log_fatal("%s: %s", directory, strerror(errno));
	for (const Json *row = rows ? rows->first : NULL; row != NULL; row = row->next)
		for (size_t i = 0; i < lengthof(columns); i++)
		{
			const File *text = export_file(export, row, "file");
			const File *message = export_file(export, row, columns[i]);
			const char *fault = text && message ? decrypt_message(export, directory, reader, text, message, columns[i]) : NULL;

			if (text == NULL || message == NULL)
				continue;
			printf("%s  %s%s%s\n", fault ? "FAILED" : "ok    ", message->name, fault ? ": " : "", fault ? fault : "");
			all &= fault == NULL;
		}
	EVP_PKEY_free(reader);
	return all;
}
