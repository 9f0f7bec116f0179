/*
 * object.c
 *		Objects by their numbers, and the octets of the streams that cross-references or objects are kept in: as they are, or in
 *		Flate; other filters are not used for these. Each needs the other: an object may lie in a stream, whose length may be an object.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "pdf/flate.h"
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

/* Within what all streams of the file may give. */
static const char *
inflate_octets(PdfFile *file, const char *from, size_t from_length, size_t *length)
{
	const char *out = flate_read(from, from_length, PDF_MAX_INFLATED - Min(file->inflated, PDF_MAX_INFLATED), length);

	file->inflated += *length;
	return out;
}

static bool
undo_predictor(PdfFile *file, const PdfValue *parameters, const char *data, size_t *length)
{
	const PdfValue *predictor = pdf_find(file, parameters, "Predictor");
	const PdfValue *columns = pdf_find(file, parameters, "Columns");
	const PdfValue *colors = pdf_find(file, parameters, "Colors");
	const PdfValue *bits = pdf_find(file, parameters, "BitsPerComponent");

	if (predictor == NULL || (predictor->kind == PDF_INTEGER && predictor->number == 1))
		return true;
	if (predictor->kind != PDF_INTEGER || predictor->number < 10 || predictor->number > 15 ||
		(colors != NULL && colors->number != 1) || (bits != NULL && bits->number != 8) ||
		columns == NULL || columns->kind != PDF_INTEGER || columns->number < 1 || columns->number > FLATE_MAX_COLUMNS)
		return false;
	return flate_undo_rows((uint8 *) unconstify(char *, data), *length, columns->number, length);
}

/* A filter alone, or a list of one. */
static const PdfValue *
only_one(PdfFile *file, const PdfValue *value)
{
	if (value != NULL && value->kind == PDF_ARRAY)
		return value->count == 1 ? pdf_resolve(file, value->first) : NULL;
	return value;
}

const char *
pdf_stream_data(PdfFile *file, const PdfValue *stream, size_t *length)
{
	const PdfValue *declared = pdf_find(file, stream, "Length");
	const PdfValue *filter = pdf_find(file, stream, "Filter");
	const PdfValue *parameters = only_one(file, pdf_find(file, stream, "DecodeParms"));
	PdfText		after;
	const char *data;

	if (stream->kind != PDF_STREAM || declared == NULL || declared->kind != PDF_INTEGER || declared->number < 0 ||
		(uint64) declared->number > file->length - stream->data)
		return NULL;
	after = (PdfText) {.at = file->bytes + stream->data + declared->number, .end = file->bytes + file->length};
	if (!pdf_take_word(&after, "endstream"))
		return NULL;
	data = file->bytes + stream->data;
	*length = declared->number;
	if (filter == NULL || (filter->kind == PDF_ARRAY && filter->count == 0))
		return data;
	if (!pdf_is_name(only_one(file, filter), "FlateDecode"))
		return NULL;
	data = inflate_octets(file, data, *length, length);
	return data != NULL && undo_predictor(file, parameters, data, length) ? data : NULL;
}
