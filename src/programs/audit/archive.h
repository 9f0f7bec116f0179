/*
 * archive.h
 *		An export as it was made: a ZIP file of files that are not compressed, one after the other with nothing between
 *		them. What is anything else was not written by ootspg.export_exchanges(), and is not looked into.
 */
#ifndef AUDIT_ARCHIVE_H
#define AUDIT_ARCHIVE_H

#include "memory.h"

typedef struct File
{
	const char *name;
	const uint8_t *bytes;
	size_t		size;
	bool		listed;			/* the manifest has it */
} File;

typedef struct Archive
{
	File	   *files;
	size_t		count;
} Archive;

/* NULL, or why it is none: a constant text. The files lie in the bytes, names in the arena. */
extern const char *archive_read(Arena *arena, const uint8_t *bytes, size_t size, Archive *archive);

/* NULL: it is not there. */
extern File *archive_find(const Archive *archive, const char *name);

#endif
