/*
 * link.c
 *		Tokens of links and what follows from them.
 */
#include "postgres.h"

#include "preview/envelope.h"
#include "preview/link.h"
#include "seal/base64url.h"

static const char url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

char *
link_new_token(void)
{
	uint8		bytes[LINK_TOKEN_BYTES + 1] = {0};
	char	   *token = palloc(LINK_TOKEN_LENGTH + 1);

	if (!pg_strong_random(bytes, LINK_TOKEN_BYTES))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate a random link")));
	/* six bits a digit; the last one's are filled up with zeros from behind the token */
	for (int i = 0; i < LINK_TOKEN_LENGTH; i++)
	{
		int			bit = i * 6;
		int			pair = bytes[bit / 8] << 8 | bytes[Min(bit / 8 + 1, LINK_TOKEN_BYTES)];

		token[i] = url_digits[(pair >> (10 - bit % 8)) & 63];
	}
	token[LINK_TOKEN_LENGTH] = '\0';
	explicit_bzero(bytes, sizeof(bytes));
	return token;
}

bool
link_keys(const char *token, LinkKeys *keys)
{
	uint8		none[LINK_TOKEN_BYTES] = {0};
	uint8	   *secret = NULL;
	size_t		length = 0;
	bool		is_token;

	if (strlen(token) == LINK_TOKEN_LENGTH)
		secret = base64_strict(token, LINK_TOKEN_LENGTH, BASE64_URL, &length);
	is_token = secret != NULL && length == LINK_TOKEN_BYTES;
	if (!is_token)
		secret = none;
	hkdf_sha256_bytes(secret, LINK_TOKEN_BYTES, NULL, 0, "ootspg preview: digest", keys->digest);
	hkdf_sha256_bytes(secret, LINK_TOKEN_BYTES, NULL, 0, "ootspg preview: key pair", keys->private_key);
	hkdf_sha256_bytes(secret, LINK_TOKEN_BYTES, NULL, 0, "ootspg preview: subject", keys->subject_key);
	envelope_public_key(keys->private_key, keys->public_key);
	explicit_bzero(secret, LINK_TOKEN_BYTES);
	return is_token;
}

void
link_forget(LinkKeys *keys)
{
	explicit_bzero(keys, sizeof(*keys));
}

char *
link_token_of(const char *location)
{
	size_t		length;
	const char *token = location + strspn(location, " \t\r\n");

	length = strcspn(token, "?&# \t\r\n");
	if (length <= LINK_TOKEN_LENGTH || token[length - LINK_TOKEN_LENGTH - 1] != '/')
		return NULL;
	return pnstrdup(token + length - LINK_TOKEN_LENGTH, LINK_TOKEN_LENGTH);
}
