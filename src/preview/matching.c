/*
 * matching.c
 *		What was compared when a user signed in again is kept, for months, for whoever
 *		has to look into a complaint (IR (EU) 2025/846 art. 5). It is evidence of
 *		nothing else: a dump, a replica or a reader of tables without the key file
 *		reads that it happened, and not with which values.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "compat.h"
#include "errors.h"
#include "preview/envelope.h"
#include "preview/matching.h"
#include "seal/keyfile.h"

#define MIN_SECRET	32
#define MAX_SECRET	1024

PG_FUNCTION_INFO_V1(ootspg_matching_key_fault);
PG_FUNCTION_INFO_V1(ootspg_matching_close);
PG_FUNCTION_INFO_V1(ootspg_matching_open);

const char *
matching_keys(const char *provider, const char *path, uint8 private_key[32], uint8 public_key[32])
{
	char		secret[MAX_SECRET];
	size_t		length = 0;
	KeyFileState state;
	const char *fault = key_file_inspect(psprintf(PLACE_OF_MATCHING "%s", provider), path, KEY_FILE_SECRET, &state, secret, sizeof(secret), &length);

	/* an editor's end of line is no part of it */
	while (fault == NULL && length > 0 && strchr("\r\n", secret[length - 1]) != NULL)
		length--;
	if (fault == NULL && length < MIN_SECRET)
		fault = "it has less than 32 bytes";
	if (fault == NULL)
	{
		hkdf_sha256_bytes((uint8 *) secret, length, NULL, 0, "ootspg matching log: key pair", private_key);
		envelope_public_key(private_key, public_key);
	}
	explicit_bzero(secret, sizeof(secret));
	return fault;
}

/* "file:2026.key" */
static const char *
path_of(const char *uri)
{
	return strncmp(uri, "file:", 5) == 0 ? uri + 5 : uri;
}

static void
load(const char *provider, const char *uri, uint8 private_key[32], uint8 public_key[32])
{
	const char *fault = matching_keys(provider, path_of(uri), private_key, public_key);

	if (fault != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_KEY),
				 errmsg("the key of the matching log of provider \"%s\" cannot be used: %s", provider, fault),
				 errhint("Its file lies in the directory matching/%s below ootspg.key_directory, owned by the server's user with mode 0600, or by root with mode 0640.", provider)));
}

static const char *
place_of(const char *provider, int64 number)
{
	return psprintf("ootspg matching log %zu:%s " INT64_FORMAT, strlen(provider), provider, number);
}

/* matching_key_fault(provider, key): why it cannot be used; NULL when it can */
Datum
ootspg_matching_key_fault(PG_FUNCTION_ARGS)
{
	uint8		private_key[32];
	uint8		public_key[32];
	const char *fault = matching_keys(text_to_cstring(PG_GETARG_TEXT_PP(0)), path_of(text_to_cstring(PG_GETARG_TEXT_PP(1))), private_key, public_key);

	explicit_bzero(private_key, sizeof(private_key));
	if (fault == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(fault));
}

/* matching_close(provider, key, number, content) */
Datum
ootspg_matching_close(PG_FUNCTION_ARGS)
{
	const char *provider = text_to_cstring(PG_GETARG_TEXT_PP(0));
	bytea	   *content = PG_GETARG_BYTEA_PP(3);
	uint8		private_key[32];
	uint8		public_key[32];

	load(provider, text_to_cstring(PG_GETARG_TEXT_PP(1)), private_key, public_key);
	explicit_bzero(private_key, sizeof(private_key));
	PG_RETURN_BYTEA_P(envelope_close(public_key, place_of(provider, PG_GETARG_INT64(2)), VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content)));
}

/* matching_open(provider, key, number, sealed) */
Datum
ootspg_matching_open(PG_FUNCTION_ARGS)
{
	const char *provider = text_to_cstring(PG_GETARG_TEXT_PP(0));
	uint8		private_key[32];
	uint8		public_key[32];
	size_t		length;
	char	   *content;

	load(provider, text_to_cstring(PG_GETARG_TEXT_PP(1)), private_key, public_key);
	content = envelope_open(private_key, place_of(provider, PG_GETARG_INT64(2)), PG_GETARG_BYTEA_PP(3), &length);
	explicit_bzero(private_key, sizeof(private_key));
	if (content == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_KEY),
				 errmsg("values of the matching log cannot be opened"),
				 errhint("They were changed, or the key file is not the one that they were closed with.")));
	PG_RETURN_BYTEA_P((bytea *) cstring_to_text_with_len(content, length));
}
