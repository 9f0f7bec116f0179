/*
 * export.c
 *		Opening an export. The file is read as a whole, up to what ootspg.export_exchanges() makes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "export.h"
#include "log.h"

#define MOST_OCTETS (600L * 1024 * 1024)

static uint8_t *
read_all(const char *path, size_t *size)
{
	FILE	   *file = fopen(path, "rb");
	struct stat facts;
	uint8_t    *bytes;

	if (file == NULL || fstat(fileno(file), &facts) != 0)
		log_fatal("%s: %s", path, strerror(errno));
	if (!S_ISREG(facts.st_mode) || facts.st_size > MOST_OCTETS)
		log_fatal("%s: it is no export", path);
	bytes = take_memory((size_t) facts.st_size + 1);
	*size = fread(bytes, 1, (size_t) facts.st_size, file);
	fclose(file);
	if (*size != (size_t) facts.st_size)
		log_fatal("%s: it could not be read", path);
	return bytes;
}

void
export_open(Export *export, Arena *arena, const char *path)
{
	size_t		size;
	uint8_t    *bytes = read_all(path, &size);
	const char *fault = archive_read(arena, bytes, size, &export->archive);
	const File *manifest;

	if (fault != NULL)
		log_fatal("%s: %s", path, fault);
	export->arena = arena;
	manifest = archive_find(&export->archive, "manifest.json");
	export->manifest = manifest ? json_read(arena, (const char *) manifest->bytes, manifest->size) : NULL;
	if (json_long(export->manifest, "ootspg_export", 0) != 1 || json_string(export->manifest, "provider") == NULL)
		log_fatal("%s: it is no export of a form that this program knows", path);
}

File *
export_file(const Export *export, const Json *row, const char *word)
{
	const char *name = json_string(row, word);

	return name ? archive_find(&export->archive, name) : NULL;
}
