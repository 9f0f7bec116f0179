/*
 * closed.c
 *		The form of closed values: version, coding, length, id of the key, nonce, ciphertext, tag (AES-256-GCM). The
 *		codings are PostgreSQL's own, pglz and LZ4 blocks; both are read here within the length that the value says, which
 *		is authenticated before anything is made of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/cms.h>

#include "closed.h"

#define HEAD		22			/* octets that are authenticated, not encrypted */
#define NONCE		12
#define TAG			16
#define MOST_CLEAR	(256u * 1024 * 1024)

enum
{
	CODING_NONE, CODING_PGLZ, CODING_LZ4
};

bool
closed_key(const File *wrapped, EVP_PKEY *reader, uint8_t key[CLOSED_KEY])
{
	const unsigned char *at = wrapped->bytes;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long) wrapped->size);
	BIO		   *out = BIO_new(BIO_s_mem());
	char	   *bytes;
	bool		opened = cms != NULL && out != NULL && CMS_decrypt(cms, reader, NULL, NULL, out, CMS_DEBUG_DECRYPT) == 1 &&
		BIO_get_mem_data(out, &bytes) == CLOSED_KEY;

	if (opened)
		memcpy(key, bytes, CLOSED_KEY);
	BIO_free(out);
	CMS_ContentInfo_free(cms);
	return opened;
}

/* A match of length octets, offset before the end of what is there, which may overlap with itself. */
static bool
copy_match(uint8_t *out, size_t *done, size_t size, size_t offset, size_t length)
{
	if (offset == 0 || offset > *done || length > size - *done)
		return false;
	for (; length > 0; length--, (*done)++)
		out[*done] = out[*done - offset];
	return true;
}

static bool
decode_pglz(const uint8_t *at, const uint8_t *end, uint8_t *out, size_t size)
{
	size_t		done = 0;

	while (at < end && done < size)
	{
		uint8_t		control = *at++;

		for (int bit = 0; bit < 8 && at < end && done < size; bit++, control >>= 1)
		{
			size_t		length;
			size_t		offset;

			if ((control & 1) == 0)
			{
				out[done++] = *at++;
				continue;
			}
			if (end - at < 2)
				return false;
			length = (size_t) (at[0] & 0x0f) + 3;
			offset = (size_t) (at[0] & 0xf0) << 4 | at[1];
			at += 2;
			if (length == 18)
			{
				if (at == end)
					return false;
				length += *at++;
			}
			if (!copy_match(out, &done, size, offset, length < size - done ? length : size - done))
				return false;
		}
	}
	return done == size && at == end;
}

/* A length of LZ4 goes on while octets are 255. */
static bool
read_length(const uint8_t **at, const uint8_t *end, size_t *length)
{
	uint8_t		more = 255;

	if (*length != 15)
		return true;
	while (more == 255)
	{
		if (*at == end || *length > MOST_CLEAR)
			return false;
		more = *(*at)++;
		*length += more;
	}
	return true;
}

static bool
decode_lz4(const uint8_t *at, const uint8_t *end, uint8_t *out, size_t size)
{
	size_t		done = 0;

	while (at < end)
	{
		uint8_t		token = *at++;
		size_t		literals = token >> 4;
		size_t		length = token & 15;
		size_t		offset;

		if (!read_length(&at, end, &literals) || literals > (size_t) (end - at) || literals > size - done)
			return false;
		memcpy(out + done, at, literals);
		done += literals;
		at += literals;
		if (at == end)
			break;				/* the last one has no match */
		if (end - at < 2)
			return false;
		offset = (size_t) at[0] | (size_t) at[1] << 8;
		at += 2;
		if (!read_length(&at, end, &length) || !copy_match(out, &done, size, offset, length + 4))
			return false;
	}
	return done == size;
}

static bool
decipher(const uint8_t *bytes, size_t size, const uint8_t key[CLOSED_KEY], const char *place, uint8_t *out)
{
	char		said[256];
	int			said_length = snprintf(said, sizeof(said), "ootspg %s", place);
	int			part;
	int			length = 0;
	size_t		cipher = size - HEAD - NONCE - TAG;
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	bool		fine = context != NULL && said_length < (int) sizeof(said) && EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, bytes + HEAD) &&
		EVP_DecryptUpdate(context, NULL, &part, bytes, HEAD) && EVP_DecryptUpdate(context, NULL, &part, (const uint8_t *) said, said_length) &&
		EVP_DecryptUpdate(context, out, &length, bytes + HEAD + NONCE, (int) cipher) &&
		EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG, (void *) (bytes + size - TAG)) && EVP_DecryptFinal_ex(context, out + length, &part) == 1;

	EVP_CIPHER_CTX_free(context);
	return fine;
}

const char *
closed_open(const uint8_t *bytes, size_t size, const uint8_t key[CLOSED_KEY], const char *place, Clear *clear)
{
	size_t		cipher;
	uint8_t    *coded;
	bool		fine;

	if (size < HEAD + NONCE + TAG || bytes[0] != 1 || bytes[1] > CODING_LZ4)
		return "it is no closed value of a form that this program knows";
	cipher = size - HEAD - NONCE - TAG;
	clear->size = (size_t) bytes[2] << 24 | (size_t) bytes[3] << 16 | (size_t) bytes[4] << 8 | bytes[5];
	if (cipher > MOST_CLEAR || clear->size > MOST_CLEAR || (bytes[1] == CODING_NONE && clear->size != cipher))
		return "it is too large";
	coded = malloc(cipher + 1);
	clear->bytes = malloc(clear->size + 1);
	if (coded == NULL || clear->bytes == NULL)
		return "there is no memory for it";
	fine = decipher(bytes, size, key, place, coded);
	if (fine && bytes[1] == CODING_NONE)
		memcpy(clear->bytes, coded, cipher);
	else if (fine)
		fine = bytes[1] == CODING_PGLZ ? decode_pglz(coded, coded + cipher, clear->bytes, clear->size) : decode_lz4(coded, coded + cipher, clear->bytes, clear->size);
	free(coded);
	return fine ? NULL : "it is not what was closed with this key";
}
