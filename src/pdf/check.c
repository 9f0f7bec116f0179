/*
 * check.c
 *		Is a PDF a document that any reader opens and that does nothing by itself? All objects
 *		that can be reached from the catalog are looked at once; contents of pages are not read.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "pdf/reading.h"

/* Objects that wait to be looked at, and those that did. */
typedef struct Walk
{
	PdfFile    *file;
	uint8	   *seen;			/* one bit for each object */
	int64	   *waiting;
	int64		count;
	int64		room;
	const char *refusal;
} Walk;

static bool
is_seen(uint8 *seen, int64 number)
{
	bool		was = (seen[number / 8] & (1 << (number % 8))) != 0;

	seen[number / 8] |= (uint8) (1 << (number % 8));
	return was;
}

static void
wait_for(Walk *walk, int64 number)
{
	if (number >= walk->file->room || is_seen(walk->seen, number))
		return;
	if (walk->count == walk->room)
		walk->waiting = repalloc_huge(walk->waiting, (walk->room *= 2) * sizeof(int64));
	walk->waiting[walk->count++] = number;
}

/* What runs when somebody opens, prints or clicks (§12.6.4.6, §12.6.4.17; a rendition may have a script) */
static const char *
action_refusal(PdfFile *file, const PdfValue *dictionary)
{
	const PdfValue *kind = pdf_find(file, dictionary, "S");

	if (pdf_is_name(kind, "JavaScript") || (pdf_is_name(kind, "Rendition") && pdf_get(dictionary, "JS") != NULL))
		return "the PDF has JavaScript";
	return pdf_is_name(kind, "Launch") ? "the PDF starts programs" : NULL;
}

static void
look_at(Walk *walk, const PdfValue *value)
{
	if (value->kind == PDF_REFERENCE)
		wait_for(walk, value->number);
	if (walk->refusal == NULL && (value->kind == PDF_DICTIONARY || value->kind == PDF_STREAM))
		walk->refusal = action_refusal(walk->file, value);
	for (const PdfValue *item = value->first; item != NULL && walk->refusal == NULL; item = item->next)
		look_at(walk, item);
}

static const char *
walk_objects(PdfFile *file)
{
	Walk		walk = {.file = file, .room = 1024};
	MemoryContext one = AllocSetContextCreate(CurrentMemoryContext, "ootspg object of a PDF", ALLOCSET_DEFAULT_SIZES);

	walk.seen = palloc0(file->room / 8 + 1);
	walk.waiting = palloc(walk.room * sizeof(int64));
	look_at(&walk, file->trailer);
	while (walk.count > 0 && walk.refusal == NULL)
	{
		int64		number = walk.waiting[--walk.count];
		PdfPlace	place = file->entries[number].place;
		MemoryContext old = MemoryContextSwitchTo(one);
		const PdfValue *value = pdf_object(file, number, NULL);

		MemoryContextSwitchTo(old);
		/* a reference to what is not there is null (§7.3.10), but not one that leads astray */
		if (value == NULL && (place == PDF_AT || place == PDF_IN))
			walk.refusal = "the PDF has an object that can't be read";
		else if (value != NULL)
			look_at(&walk, value);
		MemoryContextReset(one);
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextDelete(one);
	return walk.refusal;
}

int64
pdf_first_page(PdfFile *file, const char **refusal)
{
	const PdfValue *catalog = pdf_catalog(file);
	const PdfValue *next = pdf_get(catalog, "Pages");

	*refusal = "the PDF has no pages";
	for (int depth = 0; depth < PDF_MAX_DEPTH && next != NULL && next->kind == PDF_REFERENCE; depth++)
	{
		const PdfValue *node = pdf_resolve(file, next);
		const PdfValue *kids = pdf_find(file, node, "Kids");

		if (node == NULL || node->kind != PDF_DICTIONARY)
			return 0;
		if (kids == NULL && pdf_is_name(pdf_find(file, node, "Type"), "Page"))
		{
			*refusal = NULL;
			return next->number;
		}
		/* a branch may be empty; a first one hardly ever is */
		if (kids == NULL || kids->kind != PDF_ARRAY)
			return 0;
		next = kids->first;
	}
	return 0;
}

const char *
pdf_refusal(const char *bytes, size_t length)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "ootspg PDF", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	const char *refusal;
	PdfFile    *file = pdf_open(bytes, length, &refusal);

	if (file != NULL && pdf_catalog(file) == NULL)
		refusal = "the PDF has no catalog";
	else if (file != NULL && pdf_first_page(file, &refusal) != 0)
		refusal = walk_objects(file);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return refusal;
}
