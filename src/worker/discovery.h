/*
 * discovery.h
 *		Finding out by DNS where directories are: lookups of the exchange worker. Which
 *		names are asked for, and what an answer means, is decided in sql/ootspg/dns/discovery.sql.
 */
#ifndef OOTSPG_WORKER_DISCOVERY_H
#define OOTSPG_WORKER_DISCOVERY_H

#include "datatype/timestamp.h"
#include "http/http.h"

extern void discovery_open(HttpClient *client);	/* lookups stand in its wait */

extern void discovery_look_again(void);	/* sources may have changed */
extern TimestampTz discovery_due(void);	/* when there is a name to look up; DT_NOEND: never */
extern void discovery_take(void);		/* in a transaction: what is due */
extern void discovery_start(void);		/* what was taken */

extern void discovery_collect(void);	/* keep what has come until it is recorded */
extern bool discovery_has_answers(void);
extern void discovery_record(void);		/* in a transaction; nothing about an answer is raised */

#endif							/* OOTSPG_WORKER_DISCOVERY_H */
