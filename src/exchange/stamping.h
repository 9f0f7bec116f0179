/*
 * stamping.h
 *		Seals of level T need the network, and nobody who answers uses it. A message whose evidence is to be stamped is
 *		answered twice: the first time its pieces are put aside with what stamps are to be upon, and nothing
 *		else is recorded but that its request id is used; the exchange worker fetches the stamps; the second time the
 *		pieces are taken from there and not built. Whoever comes too late for stamps finds that none have come.
 */
#ifndef OOTSPG_EXCHANGE_STAMPING_H
#define OOTSPG_EXCHANGE_STAMPING_H

#include "evidence/build.h"
#include "exchange/inbox.h"

/* Pieces of the message's first answer, with the stamps that have come; NIL: build them. As the role that answers. */
extern List *stamping_kept(Exchange *exchange, const BuildQuestion *question);

/*
 * True: the answer waits for stamps, and no more is to be done now. Otherwise pieces are as they leave; where the type requires
 * stamps and there are none, the verdict is EDM:ERR:0008.
 */
extern bool stamping_awaited(Exchange *exchange);

/* The message of such an answer: put aside until the stamps are there, or their time is over. */
extern void stamping_wait(const InboxClaim *claim, const Exchange *exchange);

#endif							/* OOTSPG_EXCHANGE_STAMPING_H */
