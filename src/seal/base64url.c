/*
 * base64url.c
 *		Strict decoding for signatures of directory answers. Decoders that forgive let one
 *		signature be written in many ways, and what one of them reads another may not.
 */
#include "postgres.h"

#include "seal/base64url.h"

static const char standard_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* How many of the text's bytes are digits; -1 when its padding is not that of the kind. */
static ssize_t
digits_of(const char *text, size_t length, Base64Kind kind)
{
	size_t		digits = length;

	if (kind == BASE64_STANDARD)
	{
		if (length % 4 != 0)
			return -1;
		while (digits > 0 && length - digits < 2 && text[digits - 1] == '=')
			digits--;
	}
	/* six bits alone are no octet */
	return digits % 4 == 1 ? -1 : (ssize_t) digits;
}

uint8 *
base64_strict(const char *text, size_t text_length, Base64Kind kind, size_t *length)
{
	const char *alphabet = kind == BASE64_URL ? url_digits : standard_digits;
	ssize_t		digits = digits_of(text, text_length, kind);
	uint8	   *octets;
	uint8	   *to;
	uint32		bits = 0;
	int			held = 0;

	if (digits < 0)
		return NULL;
	to = octets = palloc(digits / 4 * 3 + 3);
	for (ssize_t i = 0; i < digits; i++)
	{
		const char *digit = text[i] == '\0' ? NULL : strchr(alphabet, text[i]);

		if (digit == NULL)
			return NULL;
		bits = bits << 6 | (uint32) (digit - alphabet);
		held += 6;
		if (held >= 8)
		{
			held -= 8;
			*to++ = (uint8) (bits >> held);
		}
	}
	if ((bits & ((1U << held) - 1)) != 0)
		return NULL;
	*to = '\0';
	*length = to - octets;
	return octets;
}
