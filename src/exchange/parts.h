/*
 * parts.h
 *		Contents of messages on their way: one statement stores all parts of one.
 */
#ifndef OOTSPG_EXCHANGE_PARTS_H
#define OOTSPG_EXCHANGE_PARTS_H

#include "postgres_ext.h"

typedef struct Parts
{
	int			count;
	int			room;
	Datum	   *content_ids;	/* with media_types and contents: text, text, bytea; 0 for NULL */
	Datum	   *media_types;
	Datum	   *contents;
} Parts;

/* In the current memory context; in the order in which they are stored, from 0. */
extern void parts_begin(Parts *parts);
extern void parts_add(Parts *parts, const char *content_id, const char *media_type, const char *bytes, size_t length);

/* As owner of the tables, inside an SPI connection. */
extern void parts_store_in(Parts *parts, int64 inbox_id);
extern void parts_store_out(Parts *parts, int64 outbox_id);

#endif							/* OOTSPG_EXCHANGE_PARTS_H */
