/*
 * jades_beside.c
 *		sigD of a detached JAdES seal: one document, by its address (the signature is over it) or by its digest. Where it
 *		lies is not asked: it is given. Several documents, and parts of a HTTP message, are nothing that evidence consists of.
 */
#include "postgres.h"

#include <openssl/evp.h>

#include "seal/base64url.h"
#include "seal/jades.h"
#include "seal/jades_beside.h"
#include "seal/jose.h"

static bool
refuse(SealVerdict *verdict, const char *reason)
{
	return verdict_refuse(verdict, STEP_REFERENCES, reason);
}

/* The one text of a list; NULL when it is another list, or none. */
static const char *
only_text(const JwsValue *list)
{
	return list != NULL && list->kind == JWS_ARRAY && list->count == 1 ? jws_json_string(list->first) : NULL;
}

/* What the standard gives it, and nothing that a reader could take for more. */
static bool
check_members(const JwsValue *sigd, SealVerdict *verdict)
{
	static const char *const known[] = {"mId", "pars", "hashM", "hashV", "ctys"};

	for (const JwsValue *member = sigd->first; sigd->kind == JWS_OBJECT && member != NULL; member = member->next)
	{
		bool		found = false;

		for (int i = 0; i < (int) lengthof(known); i++)
			found = found || strcmp(member->name, known[i]) == 0;
		if (!found)
			return refuse(verdict, "sigD has a member that is not one of it");
	}
	return sigd->kind == JWS_OBJECT || refuse(verdict, "sigD is not an object");
}

static const char *
digest_of(const char *name)
{
	static const char *const names[][2] = {{"S256", "SHA256"}, {"S384", "SHA384"}, {"S512", "SHA512"}};

	for (int i = 0; name != NULL && i < (int) lengthof(names); i++)
		if (strcmp(names[i][0], name) == 0)
			return names[i][1];
	return NULL;
}

/* The document as the signature, or its digest, has it. */
static void
append_document(StringInfo out, const StringInfoData *document, bool encoded)
{
	if (encoded)
		jose_append_base64url(out, document->data, document->len);
	else
		appendBinaryStringInfo(out, document->data, document->len);
}

static bool
check_digest(const JwsValue *sigd, const StringInfoData *document, bool encoded, SealVerdict *verdict)
{
	const char *name = digest_of(jws_json_string(jws_json_member(sigd, "hashM")));
	const char *text = only_text(jws_json_member(sigd, "hashV"));
	size_t		length = 0;
	uint8	   *claimed = text ? base64_strict(text, strlen(text), BASE64_URL, &length) : NULL;
	uint8		computed[EVP_MAX_MD_SIZE];
	unsigned int computed_length = 0;
	StringInfoData octets;

	if (name == NULL)
		return verdict_refuse(verdict, STEP_ALGORITHMS, "the digest in sigD has another algorithm than S256, S384 and S512");
	if (claimed == NULL)
		return refuse(verdict, "sigD does not have one digest");
	initStringInfo(&octets);
	append_document(&octets, document, encoded);
	return (EVP_Digest(octets.data, octets.len, computed, &computed_length, EVP_get_digestbyname(name), NULL) &&
			length == computed_length && memcmp(claimed, computed, length) == 0) ||
		verdict_refuse_as(verdict, STEP_SIGNATURE, "HASH_FAILURE", "the document beside the seal is not the one that was sealed");
}

bool
jades_beside(const JwsValue *sigd, const StringInfoData *document, bool encoded, SealVerdict *verdict, StringInfo payload)
{
	const char *mechanism = jws_json_string(jws_json_member(sigd, "mId"));

	if (sigd != NULL && !check_members(sigd, verdict))
		return false;
	if (sigd != NULL && only_text(jws_json_member(sigd, "pars")) == NULL)
		return refuse(verdict, "sigD does not name one document");
	if (mechanism != NULL && strcmp(mechanism, JADES_BY_HASH) == 0)
		return check_digest(sigd, document, encoded, verdict);
	if (sigd != NULL && (mechanism == NULL || strcmp(mechanism, JADES_BY_URI) != 0))
		return refuse(verdict, "sigD names its document in a way that is not understood");
	append_document(payload, document, encoded);
	return true;
}
