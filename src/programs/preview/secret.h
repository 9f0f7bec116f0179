/*
 * secret.h
 *		What only one browser knows: a random secret in its cookie, from which
 *		the tokens of its forms are derived, so that nothing has to be kept here.
 */
#ifndef PREVIEW_SECRET_H
#define PREVIEW_SECRET_H

#include <stdbool.h>

#include "memory.h"

#define COOKIE_NAME "__Host-ootspg"
#define BASE64URL "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

extern const char *secret_make(Arena *arena);

/* In a time that tells nothing of where they differ. */
extern bool secret_equal(const char *one, const char *other);

/* The token of a form: bound to browser, link and action (D-PRE-33). */
extern const char *form_token(Arena *arena, const char *browser, const char *link, const char *action);

/* Of anything that never changes for one program: 16 characters for the name of a file. */
extern const char *fingerprint(Arena *arena, const void *bytes, size_t len);

#endif
