/*
 * session.h
 *		The settings of a worker's session, which are nobody's but its own.
 */
#ifndef OOTSPG_WORKER_SESSION_H
#define OOTSPG_WORKER_SESSION_H

extern void session_settle(void);	/* once, when connected */
extern void session_reloaded(void); /* the configuration file was read again */

/* Until it is ended a lock is waited for a moment only (55P03); never around the registry's own statements. */
extern void session_hurry(void);
extern void session_hurry_ends(void);

#endif							/* OOTSPG_WORKER_SESSION_H */
