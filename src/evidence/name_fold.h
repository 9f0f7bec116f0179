/*
 * name_fold.h
 *		First half of the pipeline of D-IDM-12, shared by key and comparison: UTF-8
 *		to a row of units. A unit is what one letter or letter group of the name may
 *		be spelt like.
 */
#ifndef OOTSPG_EVIDENCE_NAME_FOLD_H
#define OOTSPG_EVIDENCE_NAME_FOLD_H

#include "mb/pg_wchar.h"

/* What stood before a unit; it says where given names part. */
typedef enum NameBreak
{
	BREAK_NONE,
	BREAK_HYPHEN,
	BREAK_SPACE
} NameBreak;

typedef struct NameUnit
{
	pg_wchar	letter;			/* stands for itself, if alternatives is NULL */
	const char *alternatives;	/* from the table: ASCII spellings separated by '|' */
	NameBreak	before;
} NameUnit;

typedef struct FoldedName
{
	NameUnit   *units;			/* palloc'd */
	int			count;
} FoldedName;

/* What is longer is no name: it is folded up to here, for the key, and equals nothing. */
#define NAME_MOST_BYTES 65536

extern FoldedName name_fold(const char *utf8, size_t length);

/* One line of the folding table: one letter, or two when second is not 0. */
typedef struct NameEntry
{
	pg_wchar	first;
	pg_wchar	second;
	const char *alternatives;
} NameEntry;

/* name_table.c: the data. Sorted by first, then second. */
extern const NameEntry name_entries[];
extern const int name_entry_count;

/* The line for these letters, or NULL. */
extern const NameEntry *name_entry(pg_wchar first, pg_wchar second);

/* The letter that base and mark form, if the table knows it; else 0: the mark is stripped. */
extern pg_wchar name_marked_letter(pg_wchar base, pg_wchar mark);

extern pg_wchar name_lower(pg_wchar letter);

#endif							/* OOTSPG_EVIDENCE_NAME_FOLD_H */
