/*
 * prepare.h
 *		What OpenSSL learns once, learnt before there are backends.
 */
#ifndef OOTSPG_SEAL_PREPARE_H
#define OOTSPG_SEAL_PREPARE_H

/*
 * In the postmaster, while it loads libraries: sign and verify once with a key made for that and thrown away. OpenSSL finds
 * its algorithms and decoders at first use, which costs as much as some answers; what it has found, each backend
 * inherits. It starts no thread and opens no file for that. Never raises: what fails here fails again where it is needed.
 */
extern void seal_prepare(void);

#endif							/* OOTSPG_SEAL_PREPARE_H */
