/*
 * wire.h
 *		The AS4 leg between the parties, played by scripts and a clock. Used
 *		under the lock of the store; the thread of the clock takes it itself.
 */
#ifndef LOOPBACK_WIRE_H
#define LOOPBACK_WIRE_H

#include "store.h"

/* A message just submitted sets out; without delays it arrives at once. */
extern void wire_send(Message *sent);

/* words: deliver|hold|fail|lose-receipt|duplicate and numbers; why not, or NULL. */
extern const char *wire_script(Party *party, char **words, int count);

/* What waited for the old script of the party sets out again. */
extern void wire_release(const Party *party);

/* After a restart: whatever is not final sets out again. */
extern void wire_resume(void);
extern void wire_forget_all(void);
extern void wire_start(void);
extern void wire_stop(void);

#endif
