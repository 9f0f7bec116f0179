/*
 * link.h
 *		Links to previews. A link ends in a token, 32 random bytes as 43 characters of
 *		base64url, and the token is the only thing that opens what is kept for it: the
 *		digest it is found by, its key pair and the key that its subject is compared
 *		under all follow from it, and none of them leads back (D-PRE-06, D-PRE-09).
 */
#ifndef OOTSPG_PREVIEW_LINK_H
#define OOTSPG_PREVIEW_LINK_H

#define LINK_TOKEN_BYTES	32
#define LINK_TOKEN_LENGTH	43

typedef struct LinkKeys
{
	uint8		digest[32];		/* kept */
	uint8		public_key[32]; /* X25519, kept */
	uint8		private_key[32];
	uint8		subject_key[32];
} LinkKeys;

/* A new token, palloc'd. */
extern char *link_new_token(void);

/*
 * What follows from a token. False when the text is none; keys are filled all the
 * same, with such as nothing is found by, so that it costs the same. The caller wipes
 * them with link_forget().
 */
extern bool link_keys(const char *token, LinkKeys *keys);
extern void link_forget(LinkKeys *keys);

/*
 * The token of an address as it came back: blanks round it, and what a portal appended as
 * its query or fragment, are no part of it. NULL when it has none; palloc'd otherwise.
 */
extern char *link_token_of(const char *location);

#endif							/* OOTSPG_PREVIEW_LINK_H */
