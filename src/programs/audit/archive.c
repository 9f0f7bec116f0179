/*
 * archive.c
 *		The strict reader of exports.
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "archive.h"

#define LOCAL_HEADER	0x04034b50
#define CENTRAL_HEADER	0x02014b50
#define END_RECORD		0x06054b50
#define LOCAL_SIZE		30
#define CENTRAL_SIZE	46
#define END_SIZE		22
#define VERSION			20
#define UTF8_NAMES		0x0800
#define MOST_NAME		200

typedef struct Bytes
{
	const uint8_t *bytes;
	size_t		size;
} Bytes;

static uint32_t
get(const uint8_t *at, int octets)
{
	uint32_t	value = 0;

	for (int i = octets - 1; i >= 0; i--)
		value = value << 8 | at[i];
	return value;
}

/* Letters, digits and a few signs, in parts that none of them leads out of where it is written to. */
static bool
is_name(const char *name)
{
	if (name[0] == '\0' || strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/") != strlen(name))
		return false;
	for (const char *part = name; part != NULL; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL)
		if (part[0] == '\0' || part[0] == '.' || part[0] == '/' || part[0] == '-')
			return false;
	return true;
}

/* What is behind the flags is the same in both headers: method to length of extra field. */
static bool
headers_agree(const uint8_t *local, const uint8_t *central)
{
	return memcmp(local + 4, central + 6, 26) == 0 && get(local + 6, 2) == UTF8_NAMES && get(local + 8, 2) == 0 && get(local + 28, 2) == 0;
}

/* One file, whose local header is to begin at *place. NULL, or why not. */
static const char *
read_file(Arena *arena, Bytes all, size_t directory, size_t *central, size_t end, size_t *place, File *file)
{
	const uint8_t *at = all.bytes + *central;
	const uint8_t *local;
	size_t		name_length;
	size_t		size;

	if (end - *central < CENTRAL_SIZE || get(at, 4) != CENTRAL_HEADER || get(at + 4, 2) != VERSION || get(at + 34, 4) != 0 || get(at + 38, 4) != 0)
		return "its directory is damaged";
	name_length = get(at + 28, 2);
	size = get(at + 24, 4);
	if (name_length > MOST_NAME || end - *central - CENTRAL_SIZE < name_length || get(at + 30, 2) != 0 || get(at + 32, 2) != 0)
		return "its directory is damaged";
	if (get(at + 42, 4) != *place || directory - *place < LOCAL_SIZE || directory - *place - LOCAL_SIZE < name_length ||
		directory - *place - LOCAL_SIZE - name_length < size)
		return "its files do not follow each other";
	local = all.bytes + *place;
	if (get(local, 4) != LOCAL_HEADER || !headers_agree(local, at) || get(at + 20, 4) != size || memcmp(local + LOCAL_SIZE, at + CENTRAL_SIZE, name_length) != 0)
		return "a file is compressed, or is not what the directory says: it was packed anew";
	file->name = arena_copy(arena, (const char *) local + LOCAL_SIZE, name_length);
	file->bytes = local + LOCAL_SIZE + name_length;
	file->size = size;
	file->listed = false;
	if (strlen(file->name) != name_length || !is_name(file->name))
		return "a file has a name that exports have not";
	if (crc32(crc32(0, NULL, 0), file->bytes, (uInt) size) != get(local + 14, 4))
		return "a file is damaged";
	*place += LOCAL_SIZE + name_length + size;
	*central += CENTRAL_SIZE + name_length;
	return NULL;
}

static int
compare_files(const void *a, const void *b)
{
	return strcmp(((const File *) a)->name, ((const File *) b)->name);
}

const char *
archive_read(Arena *arena, const uint8_t *bytes, size_t size, Archive *archive)
{
	Bytes		all = {bytes, size};
	const uint8_t *end_record = bytes + size - END_SIZE;
	size_t		directory;
	size_t		central;
	size_t		place = 0;

	if (size < END_SIZE || get(end_record, 4) != END_RECORD || get(end_record + 4, 4) != 0 || get(end_record + 20, 2) != 0)
		return "it is no export";
	archive->count = get(end_record + 10, 2);
	directory = get(end_record + 16, 4);
	if (get(end_record + 8, 2) != archive->count || directory > size - END_SIZE || get(end_record + 12, 4) != size - END_SIZE - directory)
		return "its directory is damaged";
	archive->files = arena_take(arena, (archive->count + 1) * sizeof(File));
	central = directory;
	for (size_t i = 0; i < archive->count; i++)
	{
		const char *fault = read_file(arena, all, directory, &central, size - END_SIZE, &place, &archive->files[i]);

		if (fault != NULL)
			return fault;
	}
	if (place != directory || central != size - END_SIZE)
		return "it has more than its files";
	qsort(archive->files, archive->count, sizeof(File), compare_files);
	for (size_t i = 1; i < archive->count; i++)
		if (strcmp(archive->files[i - 1].name, archive->files[i].name) == 0)
			return "it has a file twice";
	return NULL;
}

File *
archive_find(const Archive *archive, const char *name)
{
	File		wanted = {.name = name};

	return archive->count == 0 ? NULL : bsearch(&wanted, archive->files, archive->count, sizeof(File), compare_files);
}
