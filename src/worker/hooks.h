/*
 * hooks.h
 *		How the workers hear of what backends do: rows written, the extension
 *		created, updated or dropped, databases that must be free of connections.
 */
#ifndef OOTSPG_WORKER_HOOKS_H
#define OOTSPG_WORKER_HOOKS_H

extern void hooks_install(void);	/* from _PG_init of the postmaster */
extern bool hooks_take_own(int bits);	/* what this transaction would tell, and whoever calls sees to */

#endif							/* OOTSPG_WORKER_HOOKS_H */
