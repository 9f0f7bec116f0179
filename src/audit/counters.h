/*
 * counters.h
 *		What became of exchanges, counted in shared memory for those who watch: read
 *		without touching the audit, empty after a restart. Nothing rests on it.
 */
#ifndef OOTSPG_AUDIT_COUNTERS_H
#define OOTSPG_AUDIT_COUNTERS_H

/* Strings are copied; NULL: none. The country is counted only if it is written as one, for a sender may write anything. */
typedef struct CountedExchange
{
	const char *provider;
	const char *evidence_type;
	const char *line;
	const char *outcome;
	const char *error_code;
	const char *country;		/* of the requester */
	double		seconds;		/* from arrival to answer */
} CountedExchange;

/* From _PG_init of the postmaster: without it nothing is counted. */
extern void counters_request(void);

/* Counts at the commit of this (sub)transaction, or when it is prepared. */
extern void counters_add(const CountedExchange *exchange);

#endif							/* OOTSPG_AUDIT_COUNTERS_H */
