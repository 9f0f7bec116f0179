/*
 * hold.h
 *		Before a worker answers: the configuration can be read, and will not be locked
 *		until the answer is there.
 */
#ifndef OOTSPG_EXCHANGE_HOLD_H
#define OOTSPG_EXCHANGE_HOLD_H

/* To the end of the transaction. Raises 55P03 when somebody has a table and lock_timeout passes. */
extern void hold_configuration(void);

#endif							/* OOTSPG_EXCHANGE_HOLD_H */
