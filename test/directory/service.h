/*
 * service.h
 *		What the parts of the service share: the lock that guards all they keep,
 *		who signs, and what was counted.
 */
#ifndef DIRECTORY_SERVICE_H
#define DIRECTORY_SERVICE_H

#include "catalogue.h"
#include "listen.h"
#include "sign.h"

typedef struct Signers
{
	Signer	   *own;
	Signer	   *other;			/* NULL: no rule may want it */
	Signer	   *expired;
} Signers;

typedef struct Counters
{
	long		queries[SERVICE_COUNT];
	long		successes;
	long		refusals;
	long		canned;
	long		misbehaved;		/* of the queries, those a rule was about */
} Counters;

extern Signers signers;
extern Counters counters;

/* A line for each query since the start: service, versions and types accepted, parameters. */
extern Buffer query_log;

extern void service_lock(void);
extern void service_unlock(void);

/* Gets whatever arrives. */
extern enum MHD_Result service_answer(struct MHD_Connection *connection, const char *url, const char *method,
									  const Incoming *incoming);

#endif
