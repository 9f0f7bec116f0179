/*
 * proof.c
 *		What proves that a row belongs to a head.
 */
#include <string.h>

#include <openssl/evp.h>

#include "log.h"
#include "proof.h"

void
digest_of(const void *bytes, size_t size, uint8_t digest[DIGEST])
{
	if (!EVP_Digest(bytes, size, digest, NULL, EVP_sha256(), NULL))
		log_fatal("no SHA-256 on this machine");
}

static int
digit_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
digest_read(const char *hex, uint8_t digest[DIGEST])
{
	if (hex == NULL || strlen(hex) != 2 * DIGEST)
		return false;
	for (int i = 0; i < DIGEST; i++)
	{
		int			high = digit_of(hex[2 * i]);
		int			low = digit_of(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		digest[i] = (uint8_t) (high << 4 | low);
	}
	return true;
}

bool
digest_is(const uint8_t digest[DIGEST], const char *hex)
{
	uint8_t		other[DIGEST];

	return digest_read(hex, other) && memcmp(digest, other, DIGEST) == 0;
}

/* prefix, then one or two parts */
static void
digest_prefixed(uint8_t prefix, const void *a, size_t a_size, const void *b, size_t b_size, uint8_t digest[DIGEST])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool		fine = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) && EVP_DigestUpdate(context, &prefix, 1) &&
		EVP_DigestUpdate(context, a, a_size) && EVP_DigestUpdate(context, b, b_size) && EVP_DigestFinal_ex(context, digest, NULL);

	EVP_MD_CTX_free(context);
	if (!fine)
		log_fatal("no SHA-256 on this machine");
}

void
proof_leaf(const uint8_t *row, size_t size, uint8_t digest[DIGEST])
{
	digest_prefixed(0, row, size, row, 0, digest);
}

bool
proof_step(uint8_t digest[DIGEST], const uint8_t other[DIGEST], uint64_t *first, uint64_t *last)
{
	uint8_t		below[DIGEST];

	if (*last == 0)
		return false;
	memcpy(below, digest, DIGEST);
	if ((*first & 1) != 0 || *first == *last)
	{
		digest_prefixed(1, other, DIGEST, below, DIGEST, digest);
		while ((*first & 1) == 0 && *first != 0)
		{
			*first >>= 1;
			*last >>= 1;
		}
	}
	else
		digest_prefixed(1, below, DIGEST, other, DIGEST, digest);
	*first >>= 1;
	*last >>= 1;
	return true;
}

/* A line feed after the next line; NULL: there is none. */
static const uint8_t *
end_of_line(const uint8_t *at, const uint8_t *end)
{
	return at < end ? memchr(at, '\n', (size_t) (end - at)) : NULL;
}

bool
row_value(const uint8_t *row, size_t size, const char *column, const char **value, size_t *length)
{
	const uint8_t *end = row + size;
	const uint8_t *at = row;

	/* the form and the table */
	for (int line = 0; line < 2; line++)
	{
		at = end_of_line(at, end);
		if (at++ == NULL)
			return false;
	}
	while (at < end)
	{
		const uint8_t *line = end_of_line(at, end);
		const uint8_t *blank = line ? memchr(at, ' ', (size_t) (line - at)) : NULL;
		size_t		octets = 0;

		if (blank == NULL || line - blank < 2 || line - blank > 11)
			return false;
		for (const uint8_t *digit = blank + 1; digit < line; digit++)
		{
			if (*digit < '0' || *digit > '9')
				return false;
			octets = octets * 10 + (size_t) (*digit - '0');
		}
		if ((size_t) (end - line - 1) < octets + 1 || line[1 + octets] != '\n')
			return false;
		if ((size_t) (blank - at) == strlen(column) && memcmp(at, column, strlen(column)) == 0)
		{
			*value = (const char *) line + 1;
			*length = octets;
			return true;
		}
		at = line + 1 + octets + 1;
	}
	return false;
}

bool
row_is(const uint8_t *row, size_t size, const char *column, const char *value)
{
	const char *there = "";
	size_t		length = 0;

	(void) row_value(row, size, column, &there, &length);
	return length == strlen(value) && memcmp(there, value, length) == 0;
}
