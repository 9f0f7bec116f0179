/*
 * pdf.h
 *		Reading PDF (ISO 32000) as far as sealing and checking it need: cross-references of both kinds,
 *		object streams, hybrid files, revisions; pages and forms, no contents. Foreign bytes are read
 *		within limits and never trusted: what does not fit is a refusal in words, not an error.
 *		The only room that knows zlib.
 */
#ifndef OOTSPG_PDF_PDF_H
#define OOTSPG_PDF_PDF_H

#include "lib/stringinfo.h"
#include "utils/palloc.h"

typedef enum PdfKind
{
	PDF_NULL,
	PDF_BOOLEAN,
	PDF_INTEGER,
	PDF_REAL,
	PDF_NAME,
	PDF_STRING,
	PDF_ARRAY,
	PDF_DICTIONARY,
	PDF_STREAM,					/* its dictionary; where its octets are besides */
	PDF_REFERENCE
} PdfKind;

/*
 * A value as it is written. source and length are its text, so that what is only handed
 * on stays as it is, letter by letter.
 */
typedef struct PdfValue
{
	PdfKind		kind;
	const char *source;
	size_t		length;
	int64		number;			/* of an integer; of a reference the object; of a boolean 1 or 0 */
	int			generation;		/* of a reference */
	const char *text;			/* of a name, without the slash and with #xx resolved */
	const char *key;			/* in a dictionary, likewise */
	const char *key_source;		/* as it is written */
	size_t		key_length;
	struct PdfValue *first;		/* of what an array or dictionary holds */
	struct PdfValue *next;
	int			count;
	size_t		data;			/* of a stream: where its octets begin in the file */
} PdfValue;

typedef struct PdfFile PdfFile;

/*
 * Read header and cross-references. The result lives in the current memory context, and
 * bytes must live as long. NULL, with a constant *refusal, when it is not a PDF that can be followed, or is
 * encrypted.
 */
extern PdfFile *pdf_open(const char *bytes, size_t length, const char **refusal);

/* What is the matter with the file as a document for people, constant text; NULL: nothing. */
extern const char *pdf_refusal(const char *bytes, size_t length);

/* Of the newest revision */
extern const PdfValue *pdf_trailer(const PdfFile *file);
extern size_t pdf_startxref(const PdfFile *file);	/* where its cross-reference begins */
extern bool pdf_ends_with_stream(const PdfFile *file);	/* and whether that is a stream */
extern int64 pdf_size(const PdfFile *file);	/* numbers of new objects begin here */
extern const PdfValue *pdf_catalog(PdfFile *file);	/* NULL: there is none */

/* An object by its number; NULL when it is not in use, or cannot be read. *generation (NULL for none) takes that of its entry. */
extern const PdfValue *pdf_object(PdfFile *file, int64 number, int *generation);

/* The value itself, or what it refers to, through few references. value may be NULL. */
extern const PdfValue *pdf_resolve(PdfFile *file, const PdfValue *value);

/* A dictionary's (or stream's) value as it is written there; NULL when there is none. dictionary may be NULL. */
extern const PdfValue *pdf_get(const PdfValue *dictionary, const char *key);

/* The same, with references followed. */
extern const PdfValue *pdf_find(PdfFile *file, const PdfValue *dictionary, const char *key);

extern bool pdf_is_name(const PdfValue *value, const char *name);	/* value may be NULL */

/* The octets of a string; palloc'd, NUL terminated beyond *length. NULL: it is none. */
extern char *pdf_string(const PdfValue *value, size_t *length);

/* Number of the first page's object; 0, with a constant *refusal, when the page tree is none. */
extern int64 pdf_first_page(PdfFile *file, const char **refusal);

/* The value as text, appended. Values of replaced keys are left out of a dictionary, so that others can be put in. */
extern void pdf_append(StringInfo out, const PdfValue *value);
extern void pdf_append_without(StringInfo out, const PdfValue *dictionary, const char *const *replaced, int count);

#endif							/* OOTSPG_PDF_PDF_H */
