/*
 * base64url.c
 *		Strict decoding for signatures. Decoders that forgive let one signature be
 *		written in many ways, and what one of them reads another may not.
 */
#include "postgres.h"

#include <openssl/evp.h>

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

uint8 *
base64_spaced(const char *text, size_t *length)
{
	size_t		n = 0;
	size_t		padding = 0;
	char	   *plain = palloc(strlen(text) + 1);
	uint8	   *octets;

	for (const char *p = text; *p != '\0'; p++)
	{
		if (strchr(" \t\r\n", *p) != NULL)
			continue;
		if (*p == '=')
			padding++;
		else if (padding > 0 || strchr(standard_digits, *p) == NULL)
			return NULL;
		plain[n++] = *p;
	}
	if (n == 0 || n % 4 != 0 || padding > 2 || n > INT_MAX)
		return NULL;
	octets = palloc(n / 4 * 3);
	if (EVP_DecodeBlock(octets, (unsigned char *) plain, (int) n) != (int) (n / 4 * 3))
		return NULL;
	pfree(plain);
	*length = n / 4 * 3 - padding;
	return octets;
}
