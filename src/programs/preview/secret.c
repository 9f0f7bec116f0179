/*
 * secret.c
 *		Random numbers, HMAC-SHA-256 and comparison (GnuTLS, which serves TLS too).
 */
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "log.h"
#include "secret.h"

#define DIGEST 32

static const char *
base64url(Arena *arena, const unsigned char *bytes, size_t len)
{
	char	   *text = arena_take(arena, len * 4 / 3 + 4);
	size_t		n = 0;
	unsigned int held = 0;
	int			bits = 0;

	for (size_t i = 0; i < len; i++)
	{
		held = held << 8 | bytes[i];
		for (bits += 8; bits >= 6; bits -= 6)
			text[n++] = BASE64URL[held >> (bits - 6) & 63];
	}
	if (bits > 0)
		text[n++] = BASE64URL[held << (6 - bits) & 63];
	text[n] = '\0';
	return text;
}

const char *
secret_make(Arena *arena)
{
	unsigned char bytes[DIGEST];

	if (gnutls_rnd(GNUTLS_RND_KEY, bytes, sizeof(bytes)) < 0)
		log_fatal("the machine gives no random numbers");
	return base64url(arena, bytes, sizeof(bytes));
}

bool
secret_equal(const char *one, const char *other)
{
	size_t		len = strlen(other);

	return strlen(one) == len && gnutls_memcmp(one, other, len) == 0;
}

const char *
form_token(Arena *arena, const char *browser, const char *link, const char *action)
{
	unsigned char digest[DIGEST];
	const char *text = arena_format(arena, "ootspg-preview form\n%s\n%s", link, action);

	if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, browser, strlen(browser), text, strlen(text), digest) < 0)
		log_fatal("HMAC-SHA-256 is not available");
	return base64url(arena, digest, sizeof(digest));
}

const char *
fingerprint(Arena *arena, const void *bytes, size_t len)
{
	unsigned char digest[DIGEST];

	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, len, digest) < 0)
		log_fatal("SHA-256 is not available");
	return base64url(arena, digest, 12);
}
