/*
 * report.h
 *		This copy of the database, told from all others.
 */
#ifndef OOTSPG_WORKER_REPORT_H
#define OOTSPG_WORKER_REPORT_H

extern char *this_copy(void);	/* palloc'd; raises when the data directory can't be read */

#endif							/* OOTSPG_WORKER_REPORT_H */
