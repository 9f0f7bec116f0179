/*
 * base64.c
 *		Base64 to and from octets. The server's own decoder knows no white space
 *		and takes text after the padding; payloads come with the first and must
 *		not be read with the second.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "accesspoint/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_append(StringInfo out, const char *bytes, size_t length)
{
	const unsigned char *p = (const unsigned char *) bytes;
	char	   *to;

	if (length > MaxAllocSize / 2)
		ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				errmsg("a payload is too large for base64"));
	enlargeStringInfo(out, (int) ((length + 2) / 3 * 4));
	to = out->data + out->len;
	for (; length >= 3; length -= 3, p += 3)
	{
		*to++ = digits[p[0] >> 2];
		*to++ = digits[(p[0] & 3) << 4 | p[1] >> 4];
		*to++ = digits[(p[1] & 15) << 2 | p[2] >> 6];
		*to++ = digits[p[2] & 63];
	}
	if (length > 0)
	{
		*to++ = digits[p[0] >> 2];
		*to++ = digits[(p[0] & 3) << 4 | (length == 2 ? p[1] >> 4 : 0)];
		*to++ = length == 2 ? digits[(p[1] & 15) << 2] : '=';
		*to++ = '=';
	}
	*to = '\0';
	out->len = to - out->data;
}

/* 0 to 63; -1 white space, -2 padding, -3 anything else */
static inline int
value_of(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	switch (c)
	{
		case '+':
			return 62;
		case '/':
			return 63;
		case ' ':
		case '\t':
		case '\r':
		case '\n':
			return -1;
		case '=':
			return -2;
		default:
			return -3;
	}
}

char *
base64_decode(const char *text, size_t text_length, size_t *length)
{
	char	   *octets = palloc_extended(text_length / 4 * 3 + 3, MCXT_ALLOC_HUGE);
	char	   *to = octets;
	uint32		bits = 0;
	int			held = 0;		/* bits not written yet: 0, 6, 4 or 2 */
	int			padding = 0;

	for (size_t i = 0; i < text_length; i++)
	{
		int			value = value_of((unsigned char) text[i]);

		if (value == -1)
			continue;
		if (value == -2)
		{
			padding++;
			continue;
		}
		if (value < 0 || padding > 0)
			goto malformed;
		bits = bits << 6 | value;
		held += 6;
		if (held >= 8)
		{
			held -= 8;
			*to++ = (char) (bits >> held);
		}
	}
	/* 4 bits are left after one octet of three, 2 after two: each padded to four digits */
	if (held == 6 || padding != held / 2 || (bits & ((1U << held) - 1)) != 0)
		goto malformed;
	*length = to - octets;
	return octets;

malformed:
	pfree(octets);
	return NULL;
}
