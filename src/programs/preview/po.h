/*
 * po.h
 *		gettext's text files, as far as translators' tools write them.
 */
#ifndef PREVIEW_PO_H
#define PREVIEW_PO_H

#include "memory.h"

#define PO_MOST_FORMS 6

typedef struct PoEntry
{
	const char *context;		/* NULL when none is given */
	const char *id;
	const char *plural_id;		/* NULL unless it has plural forms */
	const char *forms[PO_MOST_FORMS];	/* NULL from the first missing one on */
	bool		fuzzy;
} PoEntry;

/*
 * Calls use for each entry, the header (empty id) too. Returns 0, or the number
 * of the line that could not be read.
 */
extern int	po_read(Arena *arena, const char *text, size_t len, void (*use) (const PoEntry *entry, void *state), void *state);

#endif
