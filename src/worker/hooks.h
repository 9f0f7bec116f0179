/*
 * hooks.h
 *		How the workers hear of what backends do: rows written, the extension
 *		created, updated or dropped, databases that must be free of connections.
 */
#ifndef OOTSPG_WORKER_HOOKS_H
#define OOTSPG_WORKER_HOOKS_H

extern void hooks_install(void);	/* from _PG_init of the postmaster */
extern int	hooks_take_received(void);	/* messages to be answered of this transaction, which whoever calls sees to */

#endif							/* OOTSPG_WORKER_HOOKS_H */
