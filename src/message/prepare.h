/*
 * prepare.h
 *		What reading and judging messages learns once, learnt before there are backends.
 */
#ifndef OOTSPG_MESSAGE_PREPARE_H
#define OOTSPG_MESSAGE_PREPARE_H

/*
 * In the postmaster, while it loads libraries and before codes are added from tables: reads an empty request and judges it. The
 * parser and the paths of all rules are made at first use; what is made here, each backend inherits.
 */
extern void message_prepare(void);

#endif							/* OOTSPG_MESSAGE_PREPARE_H */
