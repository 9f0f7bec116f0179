/*
 * signals.c
 *		Hold signals back, and let them through again.
 */
#include "postgres.h"

#include "signals.h"

void
signals_block(sigset_t *saved)
{
	sigset_t	all;

	sigfillset(&all);
	/* what a fault of the code itself raises must not be held back */
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGFPE);
	sigdelset(&all, SIGILL);
	sigdelset(&all, SIGABRT);
	sigdelset(&all, SIGTRAP);
	sigprocmask(SIG_SETMASK, &all, saved);
}

void
signals_restore(const sigset_t *saved)
{
	sigprocmask(SIG_SETMASK, saved, NULL);
}
