/*
 * object.c
 *		Objects by their numbers, and the file as a whole.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "pdf/reading.h"

/* References of references, and objects that must be read to read one: a stream's length, an object stream */
#define MAX_CHAIN	8

PdfValue *
pdf_read_object(const PdfFile *file, size_t offset, int64 *number, int *generation)
{
	PdfText		text = {.at = file->bytes + offset, .end = file->bytes + file->length};
	int64		second;
	PdfValue   *value;

	if (offset >= file->length || !pdf_take_integer(&text, number) || !pdf_take_integer(&text, &second) ||
		second > 65535 || !pdf_take_word(&text, "obj"))
		return NULL;
	*generation = (int) second;
	value = pdf_read_value(&text);
	if (value == NULL || value->kind != PDF_DICTIONARY || !pdf_take_word(&text, "stream"))
		return value;
	/* §7.3.8.1: an end of line, and not a carriage return alone */
	if (text.at < text.end && *text.at == '\r')
		text.at++;
	if (text.at == text.end || *text.at++ != '\n')
		return NULL;
	value->kind = PDF_STREAM;
	value->data = text.at - file->bytes;
	return value;
}

/* The numbers and offsets that an object stream begins with. */
static bool
read_index(PdfObjects *objects, int64 first)
{
	PdfText		text = {.at = objects->data, .end = objects->data + objects->length};

	for (int i = 0; i < objects->count; i++)
	{
		int64		offset;

		if (!pdf_take_integer(&text, &objects->numbers[i]) || !pdf_take_integer(&text, &offset) ||
			(uint64) (first + offset) >= objects->length)
			return false;
		objects->offsets[i] = first + offset;
	}
	return true;
}

static PdfObjects *
read_objects(PdfFile *file, int64 number)
{
	const PdfValue *stream = pdf_object(file, number, NULL);
	const PdfValue *count = pdf_find(file, stream, "N");
	const PdfValue *first = pdf_find(file, stream, "First");
	PdfObjects *objects;

	/* object streams are not in object streams (§7.5.7) */
	if (stream == NULL || stream->kind != PDF_STREAM || file->entries[number].place != PDF_AT ||
		!pdf_is_name(pdf_get(stream, "Type"), "ObjStm") || count == NULL || count->kind != PDF_INTEGER || count->number < 0 ||
		count->number > PDF_MAX_OBJECTS || first == NULL || first->kind != PDF_INTEGER || first->number < 0)
		return NULL;
	objects = palloc0(sizeof(PdfObjects));
	objects->data = pdf_stream_data(file, stream, &objects->length);
	/* two digits and a blank or more for each */
	if (objects->data == NULL || (uint64) count->number > objects->length / 4 + 1 || (uint64) first->number > objects->length)
		return NULL;
	objects->number = number;
	objects->count = (int) count->number;
	objects->numbers = palloc((objects->count + 1) * sizeof(int64));
	objects->offsets = palloc((objects->count + 1) * sizeof(size_t));
	if (!read_index(objects, first->number))
		return NULL;
	objects->next = file->streams;
	file->streams = objects;
	return objects;
}

static const PdfValue *
object_in_stream(PdfFile *file, int64 number, const PdfEntry *entry)
{
	PdfObjects *objects = file->streams;
	PdfText		text;

	while (objects != NULL && objects->number != (int64) entry->where)
		objects = objects->next;
	if (objects == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(file->context);

		objects = read_objects(file, (int64) entry->where);
		MemoryContextSwitchTo(old);
	}
	if (objects == NULL || entry->index >= (uint32) objects->count || objects->numbers[entry->index] != number)
		return NULL;
	text = (PdfText) {.at = objects->data + objects->offsets[entry->index], .end = objects->data + objects->length};
	return pdf_read_value(&text);
}

const PdfValue *
pdf_object(PdfFile *file, int64 number, int *generation)
{
	const PdfValue *value = NULL;
	const PdfEntry *entry;
	int64		found;
	int			of_object;

	if (number < 0 || number >= file->room || file->depth >= MAX_CHAIN)
		return NULL;
	entry = &file->entries[number];
	if (generation != NULL)
		*generation = entry->place == PDF_AT ? entry->generation : 0;
	file->depth++;
	if (entry->place == PDF_AT)
	{
		value = pdf_read_object(file, entry->where, &found, &of_object);
		if (value != NULL && (found != number || of_object != entry->generation))
			value = NULL;
	}
	else if (entry->place == PDF_IN)
		value = object_in_stream(file, number, entry);
	file->depth--;
	return value;
}

const PdfValue *
pdf_resolve(PdfFile *file, const PdfValue *value)
{
	for (int i = 0; value != NULL && value->kind == PDF_REFERENCE; i++)
		value = i == MAX_CHAIN ? NULL : pdf_object(file, value->number, NULL);
	return value;
}

const PdfValue *
pdf_find(PdfFile *file, const PdfValue *dictionary, const char *key)
{
	return pdf_resolve(file, pdf_get(dictionary, key));
}

PdfFile *
pdf_open(const char *bytes, size_t length, const char **refusal)
{
	PdfFile    *file = palloc0(sizeof(PdfFile));

	file->bytes = bytes;
	file->length = length;
	file->context = CurrentMemoryContext;
	*refusal = NULL;
	if (length < 5 || memcmp(bytes, "%PDF-", 5) != 0)
		file->refusal = "it does not begin as a PDF";
	else
		(void) pdf_read_xref(file);
	*refusal = file->refusal;
	return file->refusal == NULL ? file : NULL;
}

const PdfValue *
pdf_trailer(const PdfFile *file)
{
	return file->trailer;
}

size_t
pdf_startxref(const PdfFile *file)
{
	return file->startxref;
}

bool
pdf_ends_with_stream(const PdfFile *file)
{
	return file->ends_with_stream;
}

int64
pdf_size(const PdfFile *file)
{
	return file->size;
}

const PdfValue *
pdf_catalog(PdfFile *file)
{
	const PdfValue *root = pdf_get(file->trailer, "Root");
	const PdfValue *catalog = pdf_resolve(file, root);

	return root != NULL && root->kind == PDF_REFERENCE && catalog != NULL && catalog->kind == PDF_DICTIONARY &&
		pdf_is_name(pdf_find(file, catalog, "Type"), "Catalog") ? catalog : NULL;
}
