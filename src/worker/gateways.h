/*
 * gateways.h
 *		The access points that the exchange worker is using, in its memory.
 */
#ifndef OOTSPG_WORKER_GATEWAYS_H
#define OOTSPG_WORKER_GATEWAYS_H

#include "worker/call.h"

extern List *gateways;			/* Gateway *, one for each access point in use */
extern void gateways_load(const List *points);	/* in a transaction: as access_points_read() found them */
extern void gateways_heed(const List *points);	/* only what operators said since, from access_point_states_read() */

#endif							/* OOTSPG_WORKER_GATEWAYS_H */
