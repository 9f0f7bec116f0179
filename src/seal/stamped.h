/*
 * stamped.h
 *		Time stamps on seals that we made: level T of XAdES, PAdES and JAdES. The sealed octets stay as they are;
 *		the stamp goes where each form keeps what is not signed.
 */
#ifndef OOTSPG_SEAL_STAMPED_H
#define OOTSPG_SEAL_STAMPED_H

#include "lib/stringinfo.h"
#include "seal/stamp.h"

/* What a time stamp would be upon. NULL, or why a seal takes none: a constant text; it is one of ours without a stamp, or it is refused. */
extern const char *stamped_imprint(const char *sealed, size_t length, uint8 *imprint);

/* Append the document with the token in its seal. NULL, or why not: likewise, and out is as it was. */
extern const char *stamped_put(const char *sealed, size_t length, const uint8 *token, size_t token_length, StringInfo out);

#endif							/* OOTSPG_SEAL_STAMPED_H */
