/*
 * signals.h
 *		Signals are held back while a library runs that waits for the network: threads
 *		it starts never take one of ours, and nothing jumps over its frames.
 */
#ifndef OOTSPG_SIGNALS_H
#define OOTSPG_SIGNALS_H

#include <signal.h>

extern void signals_block(sigset_t *saved);
extern void signals_restore(const sigset_t *saved);

#endif							/* OOTSPG_SIGNALS_H */
