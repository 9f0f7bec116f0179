/*
 * base64.h
 *		Base64 (RFC 4648 §4) as XML and MIME carry it.
 */
#ifndef OOTSPG_ACCESSPOINT_BASE64_H
#define OOTSPG_ACCESSPOINT_BASE64_H

#include "lib/stringinfo.h"

extern void base64_append(StringInfo out, const char *bytes, size_t length);

/*
 * The octets of a text in which white space may stand anywhere; palloc'd. NULL when
 * it is anything else: another character, padding that is missing, misplaced or
 * followed by more, or left-over bits that are not zero.
 */
extern char *base64_decode(const char *text, size_t text_length, size_t *length);

#endif							/* OOTSPG_ACCESSPOINT_BASE64_H */
