/*
 * jws.c
 *		Signatures of directories: the JSON of their header, the header, and the whole. One
 *		answer is signed at the start with a key of this run; whatever an input makes of body,
 *		digest and signature is valid only where the body is the one that was signed.
 *		Nothing raises.
 *
 *		Input: a byte for what is read, then JSON, a header, or changes (fuzz_edit()).
 */
#include "fuzz.h"

#include <time.h>

#undef lengthof					/* sign.h has one of its own, the same */
#include "../directory/sign.h"

#include "keys.h"
#include "seal/jws.h"
#include "seal/jws_header.h"
#include "seal/jws_json.h"
#include "utils/timestamp.h"

bool		fuzz_raises = false;

static const char body[] = "<query:QueryResponse xmlns:query=\"urn:oasis:names:tc:ebxml-regrep:xsd:query:4.0\"/>";
static char *digest;
static char *signature;
static TimestampTz moment;

static bool
verify(const char *bytes, size_t length, const char *of_body, const char *by, JwsVerdict *verdict)
{
	JwsAnswer	answer = {.body = bytes,.length = length,.digest = of_body,.signature = by};

	jws_verify(&answer, keys_certificate(), strlen(keys_certificate()), moment, verdict);
	return verdict->valid;
}

void
fuzz_start(void)
{
	char	   *key;
	char	   *certificate;
	Signer	   *signer;
	JwsVerdict	verdict;

	keys_make();
	key = keys_path("key.pem");
	certificate = keys_path("cert.pem");
	signer = signer_load(key, certificate);
	digest = digest_of(body, strlen(body));
	moment = GetCurrentTimestamp();
	signature = signer_sign(signer, digest, NULL, time(NULL));
	signer_free(signer);
	free(key);
	free(certificate);
	keys_forget();
	PROMISE(verify(body, strlen(body), digest, signature, &verdict));
}

static int
count_values(const JwsValue *value)
{
	int			count = 1;

	if (value->kind == JWS_STRING || value->kind == JWS_NUMBER)
		PROMISE(value->text != NULL);
	(void) jws_json_integer(value);
	for (const JwsValue *item = value->first; item != NULL; item = item->next)
	{
		PROMISE((value->kind == JWS_OBJECT) == (item->name != NULL));
		PROMISE(value->kind != JWS_OBJECT || jws_json_member(value, item->name) == item);
		count += count_values(item);
	}
	return count;
}

static void
read_json(const FuzzInput *input)
{
	const char *reason = NULL;
	const JwsValue *json = jws_json_read(input->at, input->left, &reason);

	PROMISE((json == NULL) == (reason != NULL));
	if (json != NULL)
	{
		PROMISE(json->kind == JWS_OBJECT);
		PROMISE(count_values(json) <= (int) input->left);
	}
}

/* As it stands in a signature, or as JSON that is encoded here. */
static void
read_header(const FuzzInput *input, bool encoded)
{
	const char *step = NULL;
	const char *reason = NULL;
	const char *part = input->at;
	size_t		length = input->left;
	Buffer		text = {0};
	JwsHeader	header;

	if (!encoded)
	{
		buffer_base64(&text, input->at, input->left);
		part = text.data ? text.data : "";
		for (length = 0; length < text.len && text.data[length] != '='; length++)
			text.data[length] = text.data[length] == '+' ? '-' : text.data[length] == '/' ? '_' : text.data[length];
	}
	if (!jws_header_read(part, length, &header, &step, &reason))
		PROMISE(step != NULL && reason != NULL);
	else
		PROMISE(header.chain_length > 0 && header.chain_length <= JWS_MAX_CERTIFICATES);
	buffer_free(&text);
}

static void
read_answer(FuzzInput *input, uint32 what)
{
	char	   *texts[] = {pstrdup(body), pstrdup(digest), pstrdup(signature)};
	size_t		lengths[] = {strlen(body), strlen(digest), strlen(signature)};
	uint32		place = what % 3;
	JwsVerdict	verdict;

	texts[place] = fuzz_edit(input, texts[place], lengths[place], signature, strlen(signature), &lengths[place]);
	if (verify(texts[0], lengths[0], texts[1], texts[2], &verdict))
		PROMISE(lengths[0] == strlen(body) && memcmp(texts[0], body, lengths[0]) == 0);
	else
		PROMISE(verdict.step != NULL && verdict.reason != NULL);
}

void
fuzz_one(const char *bytes, size_t length)
{
	FuzzInput	input = {bytes, length};
	uint32		what = fuzz_number(&input, 1) % 6;

	switch (what)
	{
		case 0:
			read_json(&input);
			break;
		case 1:
		case 2:
			read_header(&input, what == 1);
			break;
		default:
			read_answer(&input, what);
	}
}
