/*
 * parts.h
 *		Contents of messages on their way: all parts of one are stored at once.
 */
#ifndef OOTSPG_EXCHANGE_PARTS_H
#define OOTSPG_EXCHANGE_PARTS_H

#include "nodes/pg_list.h"

/* In the order in which they are stored, from 0. Begun with zeroes. */
typedef struct Parts
{
	List	   *parts;			/* Part * */
} Parts;

/* In the current memory context; the bytes are not copied. */
extern void parts_add(Parts *parts, const char *content_id, const char *media_type, const char *bytes, size_t length);

/* The same behind all others, by a number below zero: it does not travel. */
extern void parts_add_as(Parts *parts, int number, const char *content_id, const char *media_type, const char *bytes, size_t length);

/* Of the request that the message answers, as long as it may expire: the audit need not be readable here. */
#define PART_REQUEST_HEADER (-1)
#define PART_REQUEST_BODY (-2)

/* As owner of the tables, inside an SPI connection; closed where the server has a key for contents. */
extern void parts_store_in(const Parts *parts, int64 inbox_id);
extern void parts_store_out(const Parts *parts, int64 outbox_id);

#endif							/* OOTSPG_EXCHANGE_PARTS_H */
