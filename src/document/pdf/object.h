/*
 * object.h
 *		A PDF file as objects: plain ones are gathered into object streams, streams are
 *		written at once, and at the end a cross-reference stream says where all are (ISO 32000-1,
 *		7.5.7 and 7.5.8). Objects are numbered before they are written, so that they may refer to
 *		each other in any order.
 */
#ifndef OOTSPG_DOCUMENT_PDF_OBJECT_H
#define OOTSPG_DOCUMENT_PDF_OBJECT_H

#include "lib/stringinfo.h"

typedef struct PdfFile PdfFile;

extern PdfFile *file_begin(StringInfo out);
extern int	file_number(PdfFile *file); /* of an object yet to be written */

/* What is written between file_open() and file_close() is the object. */
extern StringInfo file_open(PdfFile *file, int number);
extern void file_close(PdfFile *file);

/* entries: of the stream's dictionary beside length and filter. */
extern void file_stream(PdfFile *file, int number, const char *entries, const char *bytes, size_t length, bool deflate);
extern void file_end(PdfFile *file, int catalog, int info, const uint8 *id);

/* A number with two decimals at most. */
extern void put_number(StringInfo out, double value);
extern void put_integer(StringInfo out, long value);

/* A key and the object that it refers to: "/P 12 0 R". */
extern void put_reference(StringInfo out, const char *key, int number);
extern void put_numbers(StringInfo out, int count, const double *values, const char *operator);

/* A text string: as it is where it is ASCII, else UTF-16BE. */
extern void put_text(StringInfo out, const char *utf8);
extern void put_hex(StringInfo out, const uint8 *bytes, size_t length);

#endif							/* OOTSPG_DOCUMENT_PDF_OBJECT_H */
