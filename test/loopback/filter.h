/*
 * filter.h
 *		The criteria by which pending and failed messages are listed.
 */
#ifndef LOOPBACK_FILTER_H
#define LOOPBACK_FILTER_H

#include "request.h"
#include "store.h"

typedef struct Filter
{
	char	   *message_id;
	char	   *conversation;
	char	   *ref_to;
	char	   *from_party;
	char	   *final_recipient;
	char	   *original_sender;
	int64_t		from;
	int64_t		to;
} Filter;

extern void filter_read(Filter *filter, const xmlNode *element);
extern bool filter_accepts(const Filter *filter, const Message *message);
extern void filter_free(Filter *filter);

#endif
