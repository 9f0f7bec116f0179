/*
 * journal.h
 *		The append-only file that holds what happened, so that a killed program
 *		continues where it was. A record is "LENGTH:" and that many bytes and a
 *		line end; its fields are the same without the line end, "-" for NULL.
 *		The first field names the kind of the record.
 *
 *		Records gather in memory and are written by journal_commit(), before the
 *		lock of the store is given back and so before anybody is answered. While
 *		there is no file, or it is being replayed, nothing is gathered.
 */
#ifndef LOOPBACK_JOURNAL_H
#define LOOPBACK_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

extern void journal_begin(const char *kind);
extern void journal_text(const char *text);
extern void journal_number(int64_t number);
extern void journal_bytes(const void *bytes, size_t len);
extern void journal_end(void);
extern void journal_commit(void);

/* Calls replay with the kind of each record; it reads the other fields, in order. */
extern void journal_open(const char *path, void (*replay) (const char *kind));
extern char *journal_read_text(void);
extern int64_t journal_read_number(void);
extern const char *journal_read_bytes(size_t *len);

#endif
