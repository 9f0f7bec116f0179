/*
 * pdf.c
 *		PDF: read as it comes, and sealed ones, changed. A few files of our own, with a table and with streams, are sealed at
 *		the start with a key of this run, which is the one that is trusted; whatever an input makes of one is
 *		valid only where it is one of them, octet for octet, but for the signature's value: what frames a
 *		signature in CMS (which algorithms to expect, say) is not signed, as RFC 5652 has it. What can be sealed has
 *		a seal that holds; what can't stays as it was. Nothing raises.
 *
 *		Input: a byte for what is done, then a PDF, or changes (fuzz_edit()).
 */
#include "fuzz.h"

#include "keys.h"
#include "pdf/form.h"
#include "pdf/pdf.h"
#include "seal/pades.h"

bool		fuzz_raises = false;

#define DOCUMENTS 2

static const char *const documents[DOCUMENTS] = {
	"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n"
	"xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n0000000105 00000 n \ntrailer\n<</Size 4/Root 1 0 R>>\nstartxref\n166\n%%EOF\n",
	"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n"
	"4 0 obj\n<</Type/XRef/W[1 2 1]/Size 5/Root 1 0 R/Filter[]/Length 20>>\nstream\n\0\0\0\xff" "\1\0\x09\0\1\0\x36\0\1\0\x69\0\1\0\xa6\0\nendstream\nendobj\nstartxref\n166\n%%EOF\n",
};
static size_t lengths[DOCUMENTS];
static SealKey *key;
static StringInfo sealed[DOCUMENTS];

static bool
verify(const char *bytes, size_t length, SealVerdict *verdict)
{
	seal_verify(bytes, length, NULL, keys_certificate(), strlen(keys_certificate()), NIL, verdict);
	return verdict->valid && strcmp(verdict->chain, "valid") == 0;
}

void
fuzz_start(void)
{
	keys_make();
	key = seal_key_get("fuzz", NULL, "file:key.pem", "file:cert.pem");
	lengths[0] = strlen(documents[0]);
	lengths[1] = 300;
	for (int i = 0; i < DOCUMENTS; i++)
	{
		SealVerdict verdict;

		PROMISE(memcmp(documents[i] + lengths[i] - 6, "%%EOF\n", 6) == 0);
		PROMISE(pdf_refusal(documents[i], lengths[i]) == NULL);
		sealed[i] = makeStringInfo();
		PROMISE(pades_seal(key, documents[i], lengths[i], 0, sealed[i]) == NULL);
		PROMISE(verify(sealed[i]->data, sealed[i]->len, &verdict));
	}
	keys_forget();
}

/* Are all octets ours that are signed: all but those between the brackets of the signature's value? */
static bool
is_one_of_ours(const char *bytes, size_t length)
{
	for (int i = 0; i < DOCUMENTS; i++)
	{
		const char *ours = sealed[i]->data;
		size_t		value = strstr(ours + lengths[i], "/Contents<") + strlen("/Contents<") - ours;
		size_t		rest = strchr(ours + value, '>') - ours;

		if (length == (size_t) sealed[i]->len && memcmp(bytes, ours, value) == 0 && memcmp(bytes + rest, ours + rest, length - rest) == 0)
			return true;
	}
	return false;
}

static void
read_file(const char *bytes, size_t length)
{
	const char *refusal;
	PdfFile    *file = pdf_open(bytes, length, &refusal);

	PROMISE((file == NULL) == (refusal != NULL));
	(void) pdf_refusal(bytes, length);
	(void) pades_is_there(bytes, length);
	if (file == NULL)
		return;
	(void) pdf_locked(file);
	for (int64 i = 0; i < Min(pdf_size(file), 50); i++)
		(void) pdf_resolve(file, pdf_object(file, i, NULL));
}

static void
seal_file(const char *bytes, size_t length)
{
	StringInfo	out = makeStringInfo();
	const char *refusal = pades_seal(key, bytes, length, 64, out);
	SealVerdict verdict;

	PROMISE((refusal == NULL) == (pades_refusal(bytes, length) == NULL) || refusal != NULL);
	if (refusal != NULL)
		PROMISE(out->len == 0);
	else
	{
		PROMISE(memcmp(out->data, bytes, length) == 0);
		PROMISE(verify(out->data, out->len, &verdict));
	}
}

void
fuzz_one(const char *bytes, size_t length)
{
	FuzzInput	input = {bytes, length};
	uint32		what = fuzz_number(&input, 1);
	int			i = what / 4 % DOCUMENTS;
	SealVerdict verdict;
	char	   *changed;

	switch (what % 4)
	{
		case 0:
			read_file(input.at, input.left);
			break;
		case 1:
			seal_file(input.at, input.left);
			break;
		case 2:
			changed = fuzz_edit(&input, documents[i], lengths[i], documents[1 - i], lengths[1 - i], &length);
			seal_file(changed, length);
			break;
		default:
			changed = fuzz_edit(&input, sealed[i]->data, sealed[i]->len, sealed[1 - i]->data, sealed[1 - i]->len, &length);
			if (verify(changed, length, &verdict))
				PROMISE(is_one_of_ours(changed, length));
			else
				PROMISE(verdict.valid || (verdict.step != NULL && verdict.reason != NULL && verdict.signed_content == NULL));
	}
}
