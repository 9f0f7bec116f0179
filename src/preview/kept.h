/*
 * kept.h
 *		What is kept for a link, each thing for its own place: which preview, what
 *		kind, which number. Nothing opens in another's place.
 */
#ifndef OOTSPG_PREVIEW_KEPT_H
#define OOTSPG_PREVIEW_KEPT_H

#include "preview/link.h"

extern bytea *kept_close(const uint8 public_key[32], int64 session_id, const char *kind, int number, const void *bytes, size_t length);

/* Raises ERRCODE_OOTS_PREVIEW when it is not what was put there; wipes the keys then. The caller wipes them otherwise. */
extern char *kept_open(LinkKeys *keys, int64 session_id, const char *kind, int number, const bytea *closed, size_t *length);

#endif							/* OOTSPG_PREVIEW_KEPT_H */
