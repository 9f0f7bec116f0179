/*
 * flate.h
 *		Octets as zlib compresses them (RFC 1950), read within a limit, and written. PDF and PNG have them.
 */
#ifndef OOTSPG_PDF_FLATE_H
#define OOTSPG_PDF_FLATE_H

/* palloc'd; NULL when they are none, or give the limit or more. */
extern char *flate_read(const char *from, size_t from_length, size_t limit, size_t *length);

/* palloc'd; NULL when there is no memory. */
extern char *flate_write(const char *from, size_t from_length, size_t *length);

#endif							/* OOTSPG_PDF_FLATE_H */
