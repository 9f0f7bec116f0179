/*
 * flate.h
 *		Octets as zlib compresses them (RFC 1950), read within a limit, and written; and the predictors of PNG. PDF and PNG have them.
 */
#ifndef OOTSPG_PDF_FLATE_H
#define OOTSPG_PDF_FLATE_H

/* palloc'd; NULL when they are none, or give the limit or more. */
extern char *flate_read(const char *from, size_t from_length, size_t limit, size_t *length);

/* palloc'd; NULL when there is no memory. */
extern char *flate_write(const char *from, size_t from_length, size_t *length);

#define FLATE_MAX_COLUMNS	64

/* Rows of columns octets, each with its predictor before it, in place: the octets that remain; false when they are none. */
extern bool flate_undo_rows(uint8 *data, size_t length, size_t columns, size_t *result);

#endif							/* OOTSPG_PDF_FLATE_H */
