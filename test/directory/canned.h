/*
 * canned.h
 *		Answers that are sent as they were given, whatever is published. Guarded
 *		by the lock of the service.
 */
#ifndef DIRECTORY_CANNED_H
#define DIRECTORY_CANNED_H

#include "query.h"

/* For queries that say all the pattern says; takes the pattern. Empty bytes end it. */
extern void canned_set(Query *pattern, const Buffer *bytes);

/* The youngest that fits; false when none does. */
extern bool canned_find(const Query *query, Buffer *out);
extern void canned_clear(void);

#endif
