/*
 * subject_key.h
 *		Search keys of persons and companies (D-LOG-21, D-LOG-22).
 */
#ifndef OOTSPG_AUDIT_SUBJECT_KEY_H
#define OOTSPG_AUDIT_SUBJECT_KEY_H

#include "audit/search_key.h"
#include "message/request.h"
#include "seal/sha256.h"

/* Names and birth date of a natural person, the identifier of a legal one. False
 * when the subject does not have them. Without a secret (NULL) a plain digest. */
extern bool subject_key(const Subject *subject, const SearchKey *secret, uint8 key[SHA256_BYTES]);
extern void identifier_key(const char *identifier, const SearchKey *secret, uint8 key[SHA256_BYTES]);

#endif							/* OOTSPG_AUDIT_SUBJECT_KEY_H */
