/*
 * beside.c
 *		Detached seals, changed, XAdES and JAdES. Each is of one document, sealed at the start with a key of this run, which is
 *		the one that is trusted; whatever an input makes of the first seal, with pieces of the second, is valid only where the
 *		document beside it is one of the two, and never without one. Nothing raises.
 *
 *		Input: an octet, whose lowest bit says whether the seals are XAdES or JAdES and whose next two what lies beside (the first document,
 *		the second, what is left of the input, nothing); then changes (fuzz_edit()).
 */
#include "fuzz.h"

#include <stdlib.h>

#include "keys.h"
#include "seal/seal.h"
#include "seal/verify.h"

bool		fuzz_raises = false;

#define DOCUMENTS 2
#define FORMS 2

static const char *const documents[FORMS][DOCUMENTS] = {
	{"any octets", "other octets"},
	{"{\"name\": \"Anna\"}", "[1, 2]"},
};
static StringInfo seals[FORMS][DOCUMENTS];

static bool
verify(const char *bytes, size_t length, const StringInfoData *beside, SealVerdict *verdict)
{
	seal_verify(bytes, length, beside, keys_certificate(), strlen(keys_certificate()), NIL, verdict);
	return verdict->valid && verdict->chain != NULL && strcmp(verdict->chain, "valid") == 0;
}

static StringInfoData
text_of(const char *text)
{
	return (StringInfoData) {.data = (char *) text, .len = (int) strlen(text)};
}

void
fuzz_start(void)
{
	SealKey    *key;

	keys_make();
	key = seal_key_get("fuzz", NULL, "file:key.pem", "file:cert.pem");
	for (int form = 0; form < FORMS; form++)
		for (int i = 0; i < DOCUMENTS; i++)
		{
			StringInfoData beside = text_of(documents[form][i]);
			SealVerdict verdict;

			seals[form][i] = makeStringInfo();
			seal_detached(key, form == 0 ? "image/png" : "application/json", beside.data, beside.len, seals[form][i]);
			PROMISE(verify(seals[form][i]->data, seals[form][i]->len, &beside, &verdict));
			PROMISE(!verify(seals[form][i]->data, seals[form][i]->len, NULL, &verdict));
		}
	keys_forget();
}

void
fuzz_one(const char *bytes, size_t length)
{
	int			form = length > 0 ? bytes[0] & 1 : 0;
	int			which = length > 0 ? bytes[0] >> 1 & 3 : 0;
	FuzzInput	input = {bytes + (length > 0), length - (length > 0)};
	StringInfo *two = seals[form];
	StringInfoData beside;
	SealVerdict verdict;
	char	   *seal = fuzz_edit(&input, two[0]->data, two[0]->len, two[1]->data, two[1]->len, &length);

	if (which < DOCUMENTS)
		beside = text_of(documents[form][which]);
	else
		beside = (StringInfoData) {.data = (char *) input.at, .len = (int) input.left};
	if (verify(seal, length, which == 3 ? NULL : &beside, &verdict))
	{
		StringInfo	content = verdict.signed_content;
		bool		known = false;

		PROMISE(which != 3 && content != NULL && content->len == beside.len && memcmp(content->data, beside.data, beside.len) == 0);
		for (int i = 0; i < DOCUMENTS; i++)
			known = known || ((size_t) content->len == strlen(documents[form][i]) && memcmp(content->data, documents[form][i], content->len) == 0);
		PROMISE(known);
	}
	else
		PROMISE(verdict.valid || (verdict.step != NULL && verdict.reason != NULL && verdict.signed_content == NULL));
}
