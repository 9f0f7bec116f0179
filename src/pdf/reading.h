/*
 * reading.h
 *		A PDF being read: what the files of src/pdf have found so far. For them only.
 */
#ifndef OOTSPG_PDF_READING_H
#define OOTSPG_PDF_READING_H

#include "pdf/pdf.h"

/* More than any file of the sizes we send has. */
#define PDF_MAX_OBJECTS		1000000
#define PDF_MAX_SECTIONS	1000
#define PDF_MAX_DEPTH		64
#define PDF_MAX_VALUES		400000	/* of one object */

/* Octets that all compressed streams of one file may give */
#define PDF_MAX_INFLATED	(64 * 1024 * 1024)

typedef enum PdfPlace
{
	PDF_UNKNOWN,				/* no cross-reference has told */
	PDF_FREE,
	PDF_AT,						/* at an offset */
	PDF_IN						/* in an object stream */
} PdfPlace;

typedef struct PdfEntry
{
	uint8		place;
	uint16		generation;
	uint32		index;			/* in the object stream */
	size_t		where;			/* offset, or number of the object stream */
} PdfEntry;

/* An object stream, inflated. */
typedef struct PdfObjects
{
	struct PdfObjects *next;
	int64		number;
	const char *data;
	size_t		length;
	int			count;
	int64	   *numbers;
	size_t	   *offsets;
} PdfObjects;

struct PdfFile
{
	const char *bytes;
	size_t		length;
	MemoryContext context;
	PdfEntry   *entries;
	int64		room;			/* of entries */
	int64		size;			/* one beyond the highest number that was told, or named by Size */
	const PdfValue *trailer;
	size_t		startxref;
	bool		ends_with_stream;
	size_t		sections[PDF_MAX_SECTIONS]; /* their offsets */
	int			section_count;
	int64		told;			/* entries read, of all sections */
	size_t		inflated;		/* so far */
	PdfObjects *streams;
	int			depth;			/* of objects that need others to be read */
	const char *refusal;
};

/* A piece of text being read. */
typedef struct PdfText
{
	const char *at;
	const char *end;
	int			values;			/* read so far */
} PdfText;

extern bool pdf_white(char c);
extern void pdf_skip(PdfText *text);	/* white space and comments */
extern bool pdf_take_word(PdfText *text, const char *word); /* after pdf_skip(); moves beyond it */
extern bool pdf_take_integer(PdfText *text, int64 *number);	/* likewise; digits only */

/* One value, in the current memory context; NULL when it is none. */
extern PdfValue *pdf_read_value(PdfText *text);

/* "n g obj" and the value; a stream's kind and data are set. NULL when it is not there. */
extern PdfValue *pdf_read_object(const PdfFile *file, size_t offset, int64 *number, int *generation);

/* All cross-references into entries; false, with file->refusal. */
extern bool pdf_read_xref(PdfFile *file);

/* The octets of a stream, filters undone; NULL when that can't be done. */
extern const char *pdf_stream_data(PdfFile *file, const PdfValue *stream, size_t *length);

#endif							/* OOTSPG_PDF_READING_H */
