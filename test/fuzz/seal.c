/*
 * seal.c
 *		Sealed documents, changed. Two are sealed at the start with a key of this run,
 *		which is the one that is trusted; whatever an input makes of the first, with pieces
 *		of the second, is valid only where what was digested is one of the two contents,
 *		byte for byte. Nothing raises.
 *
 *		Input: changes (fuzz_edit()).
 */
#include "fuzz.h"

#include <stdlib.h>

#include "keys.h"
#include "seal/verify.h"
#include "seal/xades.h"
#include "xml/canon.h"

bool		fuzz_raises = false;

#define DOCUMENTS 2

static StringInfo contents[DOCUMENTS];
static StringInfo sealed[DOCUMENTS];

static bool
verify(const char *bytes, size_t length, SealVerdict *verdict)
{
	seal_verify(bytes, length, NULL, keys_certificate(), strlen(keys_certificate()), NIL, verdict);
	return verdict->valid && verdict->chain != NULL && strcmp(verdict->chain, "valid") == 0;
}

void
fuzz_start(void)
{
	static const char *const documents[DOCUMENTS] = {
		"<ev:Evidence xmlns:ev=\"urn:ev\" Id=\"e1\"><ev:Name>Anna</ev:Name><ev:Born>1990-02-03</ev:Born>"
		"<ev:Part kind=\"a\"><ev:Note>fine &amp; well</ev:Note></ev:Part></ev:Evidence>",
		"<ev:Evidence xmlns:ev=\"urn:ev\"><ev:Name>Berta</ev:Name><ev:Part><ev:Note/></ev:Part></ev:Evidence>"
	};
	SealKey    *key;

	keys_make();
	key = seal_key_get("fuzz", NULL, "file:key.pem", "file:cert.pem");
	for (int i = 0; i < DOCUMENTS; i++)
	{
		SealVerdict verdict;

		contents[i] = canon_from_xml(documents[i], strlen(documents[i]), "document");
		sealed[i] = makeStringInfo();
		seal_canonical(key, contents[i]->data, contents[i]->len, sealed[i], NULL);
		PROMISE(verify(sealed[i]->data, sealed[i]->len, &verdict));
	}
	keys_forget();
}

static bool
is_one_of_ours(const StringInfoData *content)
{
	for (int i = 0; i < DOCUMENTS; i++)
		if (content->len == contents[i]->len && memcmp(content->data, contents[i]->data, content->len) == 0)
			return true;
	return false;
}

void
fuzz_one(const char *bytes, size_t length)
{
	FuzzInput	input = {bytes, length};
	SealVerdict verdict;
	char	   *document = fuzz_edit(&input, sealed[0]->data, sealed[0]->len, sealed[1]->data, sealed[1]->len, &length);

	if (verify(document, length, &verdict))
	{
		PROMISE(verdict.signed_content != NULL);
		PROMISE(is_one_of_ours(verdict.signed_content));
	}
	else
		PROMISE(verdict.valid || (verdict.step != NULL && verdict.reason != NULL && verdict.signed_content == NULL));
}
