/*
 * base64url.h
 *		Base64 as JOSE writes it: one spelling for each value and no other; and as XML
 *		signatures have it, with white space.
 */
#ifndef OOTSPG_SEAL_BASE64URL_H
#define OOTSPG_SEAL_BASE64URL_H

typedef enum Base64Kind
{
	BASE64_URL,					/* RFC 7515 §2: the alphabet for URLs, never padded */
	BASE64_STANDARD				/* RFC 4648 §4: padded to four digits */
} Base64Kind;

/*
 * The octets of a text; palloc'd, and NUL terminated beyond their length. NULL when it
 * is anything else: white space, a digit of the other alphabet, padding that does not
 * belong, left-over bits that are not zero.
 */
extern uint8 *base64_strict(const char *text, size_t text_length, Base64Kind kind, size_t *length);

/*
 * The octets of base64 text in which only XML white space may stand between the
 * digits; palloc'd. NULL when it is anything else, or empty.
 */
extern uint8 *base64_spaced(const char *text, size_t *length);

#endif							/* OOTSPG_SEAL_BASE64URL_H */
