/*
 * beside.c
 *		Verification of a XAdES seal whose document lies beside it: the digest of the document's octets, those of the
 *		canonical properties and KeyInfo, and the signature over the canonical SignedInfo. libxmlsec1 has no part in it: it
 *		would look for the document by itself, where the reference says, and take one without URI for a reference to the seal.
 */
#include "postgres.h"

#include <openssl/evp.h>

#include "seal/base64url.h"
#include "seal/beside.h"
#include "seal/signature.h"
#include "xml/canon.h"

#define CANONICAL_1_0	"http://www.w3.org/TR/2001/REC-xml-c14n-20010315"

/* Are the octets those that were digested? */
static bool
is_digested(const Reference *reference, const char *octets, size_t length)
{
	const XmlNode *value = xml_child(reference->node, NS_DS, "DigestValue");
	const char *name = suite_digest_by_uri(reference->digest_uri);
	size_t		claimed_length = 0;
	uint8	   *claimed = base64_spaced(xml_text(value), &claimed_length);
	uint8		computed[EVP_MAX_MD_SIZE];
	unsigned int computed_length = 0;

	return claimed != NULL && EVP_Digest(octets, length, computed, &computed_length, EVP_get_digestbyname(name), NULL) &&
		claimed_length == computed_length && memcmp(claimed, computed, computed_length) == 0;
}

/* The same of an element of the seal; one that nothing refers to is fine. */
static bool
is_digested_element(const Reference *reference, const XmlNode *element)
{
	StringInfo	canonical;

	if (reference->node == NULL)
		return true;
	canonical = canon_from_node_by(element, reference->c14ns > 0 ? reference->c14n_uris[0] : CANONICAL_1_0);
	return canonical != NULL && is_digested(reference, canonical->data, canonical->len);
}

/* r and s, each at its full length: EU DSS leaves off an octet of both where it can (see engine.c). */
static uint8 *
full_numbers(const EVP_PKEY *key, uint8 *value, size_t *length)
{
	size_t		octets = suite_ec_octets(key);
	size_t		half = *length / 2;
	uint8	   *full;

	if (*length % 2 != 0 || half >= octets)
		return value;
	full = palloc0(2 * octets);
	memcpy(full + octets - half, value, half);
	memcpy(full + 2 * octets - half, value + half, half);
	*length = 2 * octets;
	return full;
}

static bool
check_signature(const Verifying *v)
{
	EVP_PKEY   *key = X509_get0_pubkey(sk_X509_value(v->certificates, 0));
	StringInfo	signed_info = canon_from_node_by(v->signed_info, v->c14n_uri);
	size_t		length = 0;
	uint8	   *value = base64_spaced(xml_text(v->signature_value), &length);

	if (signed_info == NULL || value == NULL)
		return false;
	if (EVP_PKEY_is_a(key, "EC"))
		value = full_numbers(key, value, &length);
	return signature_verify(v->suite, key, signed_info->data, signed_info->len, value, length, true);
}

bool
beside_verify(Verifying *v)
{
	const StringInfoData *document = v->verdict->beside;

	if (!check_signature(v) || !is_digested_element(&v->properties, v->signed_properties) || !is_digested_element(&v->key, v->key_info))
		return verifying_refuse(v, STEP_SIGNATURE, "the signature or a digest does not fit");
	if (!is_digested(&v->document, document->data, document->len))
		return verdict_refuse_as(v->verdict, STEP_SIGNATURE, "HASH_FAILURE", "the document beside the seal is not the one that was sealed");
	v->verdict->signed_content = makeStringInfo();
	appendBinaryStringInfo(v->verdict->signed_content, document->data, document->len);
	return true;
}
