/*
 * export.h
 *		An export that was opened: its files and its manifest.
 */
#ifndef AUDIT_EXPORT_H
#define AUDIT_EXPORT_H

#include "archive.h"
#include "json.h"
#include "seal.h"

typedef struct Export
{
	Arena	   *arena;
	Archive		archive;
	const Json *manifest;
} Export;

/* Ends the program when there is no export to be read. */
extern void export_open(Export *export, Arena *arena, const char *path);

/* A file that the manifest's row names under that word; NULL: it names none, or it is not there. */
extern File *export_file(const Export *export, const Json *row, const char *word);

/* check.c: true when all holds; tells each thing in a line on standard output. */
extern bool export_verify(Export *export, const Trust *trust);

/* show.c */
extern void export_show(const Export *export);

/* decrypt.c: writes messages in clear into the directory, which must not exist; true when all could be read. */
extern bool export_decrypt(const Export *export, const char *key_path, const char *directory);

#endif
