/*
 * jades.c
 *		Sealed JSON, changed. One document is sealed at the start in both forms with a key of this run, which is the one
 *		that is trusted; whatever an input makes of them is valid only where its payload is that document,
 *		octet for octet. Nothing raises.
 *
 *		Input: a byte for what is read, then a JWS, or changes (fuzz_edit()).
 */
#include "fuzz.h"

#include "keys.h"
#include "seal/jades.h"

bool		fuzz_raises = false;

static const char document[] = "{\"name\": \"J\304\201nis\", \"sum\": 100}";
static StringInfo sealed[2];

static bool
verify(const char *bytes, size_t length, SealVerdict *verdict)
{
	seal_verify(bytes, length, NULL, keys_certificate(), strlen(keys_certificate()), NIL, verdict);
	return verdict->valid && strcmp(verdict->chain, "valid") == 0;
}

void
fuzz_start(void)
{
	SealKey    *key;

	keys_make();
	key = seal_key_get("fuzz", NULL, "file:key.pem", "file:cert.pem");
	for (int i = 0; i < 2; i++)
	{
		SealVerdict verdict;

		sealed[i] = makeStringInfo();
		jades_seal(key, document, strlen(document), i == 0 ? JADES_COMPACT : JADES_FLATTENED, sealed[i]);
		PROMISE(verify(sealed[i]->data, sealed[i]->len, &verdict));
	}
	keys_forget();
}

void
fuzz_one(const char *bytes, size_t length)
{
	FuzzInput	input = {bytes, length};
	uint32		what = fuzz_number(&input, 1);
	const StringInfoData *one = sealed[what % 2];
	const StringInfoData *other = sealed[1 - what % 2];
	const char *jws = input.at;
	SealVerdict verdict;

	length = input.left;
	if (what % 4 > 1)
		jws = fuzz_edit(&input, one->data, one->len, other->data, other->len, &length);
	(void) jades_is_there(jws, length);
	if (verify(jws, length, &verdict))
		PROMISE(verdict.signed_content != NULL && (size_t) verdict.signed_content->len == strlen(document) &&
				memcmp(verdict.signed_content->data, document, strlen(document)) == 0);
	else
		PROMISE(verdict.valid || (verdict.step != NULL && verdict.reason != NULL && verdict.signed_content == NULL));
}
