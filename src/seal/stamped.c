/*
 * stamped.c
 *		Put a time stamp into a seal of ours. As we have written the seal ourselves, letter by letter, it is
 *		found by what stands last in the document; whatever looks otherwise is not ours and is refused.
 *
 *		What a stamp is upon: in XAdES the canonical ds:SignatureValue (EN 319 132-1 §5.3), in PAdES the signature's octets
 *		(EN 319 122-1 §5.3), in JAdES the signature as it is written (TS 119 182-1 §5.3.4).
 */
#include "postgres.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "seal/jose.h"
#include "seal/keydata.h"
#include "seal/sha256.h"
#include "seal/stamped.h"
#include "uuid.h"

#define NOT_OURS	"the seal is not one of ours without a time stamp"

/* Octets of a document. */
typedef struct Slice
{
	const char *start;
	const char *end;
} Slice;

/* Where a word stands for the last time; NULL: nowhere. */
static const char *
last_of(Slice slice, const char *word)
{
	size_t		length = strlen(word);
	const char *end = slice.end;

	while (end - slice.start >= (ptrdiff_t) length)
	{
		const char *p = memrchr(slice.start, word[0], end - slice.start);

		if (p == NULL)
			break;
		if (slice.end - p >= (ptrdiff_t) length && memcmp(p, word, length) == 0)
			return p;
		end = p;
	}
	return NULL;
}

static void
append_slice(StringInfo out, const char *start, const char *end)
{
	appendBinaryStringInfo(out, start, (int) (end - start));
}

static void
append_base64(StringInfo out, const void *octets, size_t length)
{
	enlargeStringInfo(out, (int) ((length + 2) / 3 * 4 + 1));
	out->len += EVP_EncodeBlock((unsigned char *) out->data + out->len, octets, (int) length);
}

/* XAdES: the stamp stands behind the signed properties */

#define VALUE_BEGINS	"<ds:SignatureValue Id=\"sv-"
#define VALUE_ENDS		"</ds:SignatureValue>"
#define PROPERTIES_END	"</xades:SignedProperties>"
#define SEAL_ENDS		PROPERTIES_END "</xades:QualifyingProperties></ds:Object></ds:Signature>"
#define ELEMENT			"<ds:SignatureValue"
#define XMLNS_DS		" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\""

/* Where it ends: with the document, or with what its root ends with. */
static const char *
end_of_seal(Slice sealed)
{
	const char *place = last_of(sealed, SEAL_ENDS);
	const char *end = place ? place + strlen(SEAL_ENDS) : NULL;

	return end == NULL || end == sealed.end || (sealed.end - end > 2 && memcmp(end, "</", 2) == 0) ? place : NULL;
}

static const char *
xades_imprint(Slice sealed, uint8 *imprint)
{
	const char *begin = last_of(sealed, VALUE_BEGINS);
	const char *end = last_of(sealed, VALUE_ENDS);
	StringInfoData canonical;

	if (begin == NULL || end == NULL || begin > end || end_of_seal(sealed) == NULL)
		return NOT_OURS;
	initStringInfo(&canonical);
	appendStringInfoString(&canonical, ELEMENT XMLNS_DS);
	append_slice(&canonical, begin + strlen(ELEMENT), end + strlen(VALUE_ENDS));
	sha256_bytes(canonical.data, canonical.len, imprint);
	pfree(canonical.data);
	return NULL;
}

static const char *
xades_put(Slice sealed, const uint8 *token, size_t length, StringInfo out)
{
	const char *place = end_of_seal(sealed);

	if (place == NULL)
		return NOT_OURS;
	place += strlen(PROPERTIES_END);
	append_slice(out, sealed.start, place);
	appendStringInfo(out, "<xades:UnsignedProperties><xades:UnsignedSignatureProperties><xades:SignatureTimeStamp Id=\"ts-%s\">"
					 "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:CanonicalizationMethod>"
					 "<xades:EncapsulatedTimeStamp>", uuid_text());
	append_base64(out, token, length);
	appendStringInfoString(out, "</xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp></xades:UnsignedSignatureProperties></xades:UnsignedProperties>");
	append_slice(out, place, sealed.end);
	return NULL;
}

/* JAdES: in the header that is not protected, of JSON only */

#define SIGNATURE		"\",\"signature\":\""
#define JWS_ENDS		"\"}"

/* The signature between its quotes; false when it is not the end of a JWS of ours. */
static bool
find_jws_signature(Slice sealed, Slice *signature)
{
	const char *place = last_of(sealed, SIGNATURE);
	const char *end = sealed.end - strlen(JWS_ENDS);

	if (place == NULL || end < place + strlen(SIGNATURE) || memcmp(end, JWS_ENDS, 2) != 0)
		return false;
	*signature = (Slice) {place + strlen(SIGNATURE), end};
	return memchr(signature->start, '"', end - signature->start) == NULL;
}

static const char *
jades_imprint(Slice sealed, uint8 *imprint)
{
	Slice		signature;

	if (!find_jws_signature(sealed, &signature))
		return NOT_OURS;
	sha256_bytes(signature.start, signature.end - signature.start, imprint);
	return NULL;
}

static const char *
jades_put(Slice sealed, const uint8 *token, size_t length, StringInfo out)
{
	Slice		signature;
	StringInfoData property;

	if (!find_jws_signature(sealed, &signature))
		return NOT_OURS;
	initStringInfo(&property);
	appendStringInfoString(&property, "{\"sigTst\":{\"tstTokens\":[{\"val\":\"");
	append_base64(&property, token, length);
	appendStringInfoString(&property, "\"}]}}");
	append_slice(out, sealed.start, signature.start - strlen(SIGNATURE) + 1);
	appendStringInfoString(out, ",\"header\":{\"etsiU\":[\"");
	jose_append_base64url(out, property.data, property.len);
	appendStringInfoString(out, "\"]}");
	append_slice(out, signature.start - strlen(SIGNATURE) + 1, sealed.end);
	pfree(property.data);
	return NULL;
}

/* PAdES: in the CMS, whose place is larger than it */

#define BYTE_RANGE		"/ByteRange[0 "

/* The digits of Contents; false when the file does not end with a revision of ours. */
static bool
find_contents(Slice sealed, Slice *digits)
{
	const char *place = last_of(sealed, BYTE_RANGE);
	char		text[64];
	uint64		begin, end, rest;
	int			n = 0;
	size_t		size = sealed.end - sealed.start;

	if (place == NULL || sealed.end - place < (ptrdiff_t) sizeof(text))
		return false;
	memcpy(text, place + strlen(BYTE_RANGE), sizeof(text) - 1 - strlen(BYTE_RANGE));
	text[sizeof(text) - 1 - strlen(BYTE_RANGE)] = '\0';
	if (sscanf(text, "%10" SCNu64 " %10" SCNu64 " %10" SCNu64 "]/Contents<%n", &begin, &end, &rest, &n) != 3 || n == 0 ||
		begin + 2 > end || end > size || end + rest != size || place + strlen(BYTE_RANGE) + n != sealed.start + begin + 1)
		return false;
	*digits = (Slice) {sealed.start + begin + 1, sealed.start + end - 1};
	return (digits->end - digits->start) % 2 == 0;
}

/* The CMS of those digits, and behind it zeros; NULL when it is none. */
static CMS_ContentInfo *
read_contents(Slice digits)
{
	size_t		length = (digits.end - digits.start) / 2;
	uint8	   *der = palloc(length);
	const uint8 *p = der;
	CMS_ContentInfo *cms;

	for (size_t i = 0; i < length; i++)
	{
		const char *pair = digits.start + 2 * i;
		int			high = OPENSSL_hexchar2int((unsigned char) pair[0]);
		int			low = OPENSSL_hexchar2int((unsigned char) pair[1]);

		if (high < 0 || low < 0)
			return NULL;
		der[i] = (uint8) (high << 4 | low);
	}
	cms = d2i_CMS_ContentInfo(NULL, &p, (long) length);
	pfree(der);
	return cms;
}

static CMS_SignerInfo *
only_signer(CMS_ContentInfo *cms)
{
	STACK_OF(CMS_SignerInfo) *signers = cms ? CMS_get0_SignerInfos(cms) : NULL;

	return sk_CMS_SignerInfo_num(signers) == 1 && CMS_unsigned_get_attr_count(sk_CMS_SignerInfo_value(signers, 0)) <= 0 ?
		sk_CMS_SignerInfo_value(signers, 0) : NULL;
}

static const char *
pades_imprint(Slice sealed, uint8 *imprint)
{
	Slice		digits;
	CMS_ContentInfo *cms = find_contents(sealed, &digits) ? read_contents(digits) : NULL;
	CMS_SignerInfo *signer = only_signer(cms);
	ASN1_OCTET_STRING *value = signer ? CMS_SignerInfo_get0_signature(signer) : NULL;
	unsigned int size;
	bool		fine = value != NULL && EVP_Digest(ASN1_STRING_get0_data(value), ASN1_STRING_length(value), imprint, &size, EVP_sha256(), NULL);

	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	return fine ? NULL : NOT_OURS;
}

static void
append_hex(StringInfo out, const uint8 *octets, size_t length)
{
	static const char digits[] = "0123456789abcdef";

	enlargeStringInfo(out, (int) (2 * length));
	for (size_t i = 0; i < length; i++)
	{
		out->data[out->len++] = digits[octets[i] >> 4];
		out->data[out->len++] = digits[octets[i] & 15];
	}
}

static const char *
pades_put(Slice sealed, const uint8 *token, size_t length, StringInfo out)
{
	Slice		digits;
	CMS_ContentInfo *cms = find_contents(sealed, &digits) ? read_contents(digits) : NULL;
	CMS_SignerInfo *signer = only_signer(cms);
	uint8	   *der = NULL;
	int			size = 0;
	const char *refusal = signer == NULL ? NOT_OURS : NULL;
	size_t		room = refusal == NULL ? digits.end - digits.start : 0;
	uint8	   *volatile copy = NULL;

	if (signer != NULL && CMS_unsigned_add1_attr_by_NID(signer, NID_id_smime_aa_timeStampToken, V_ASN1_SEQUENCE, token, (int) length))
		size = i2d_CMS_ContentInfo(cms, &der);
	if (size > 0 && (copy = palloc_extended(size, MCXT_ALLOC_NO_OOM)) != NULL)
		memcpy(copy, der, size);
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	if (refusal != NULL)
		return refusal;
	if (copy == NULL)
		return "the time stamp can't be added";
	if ((size_t) size * 2 > room)
		return "the seal has no room for the time stamp";
	append_slice(out, sealed.start, digits.start);
	append_hex(out, copy, size);
	append_slice(out, digits.start + 2 * (size_t) size, sealed.end);
	pfree(copy);
	return NULL;
}

/* Which form, by its first octets */

typedef struct StampedForm
{
	const char *begins;
	const char *(*imprint) (Slice sealed, uint8 *imprint);
	const char *(*put) (Slice sealed, const uint8 *token, size_t length, StringInfo out);
} StampedForm;

static const StampedForm forms[] = {
	{"%PDF-", pades_imprint, pades_put},
	{"{\"payload\":\"", jades_imprint, jades_put},
	{"{\"protected\":\"", jades_imprint, jades_put},
	{"<", xades_imprint, xades_put},
};

static const StampedForm *
form_of(const char *sealed, size_t length)
{
	for (int i = 0; i < (int) lengthof(forms); i++)
		if (length > strlen(forms[i].begins) && memcmp(sealed, forms[i].begins, strlen(forms[i].begins)) == 0)
			return &forms[i];
	return NULL;
}

const char *
stamped_imprint(const char *sealed, size_t length, uint8 *imprint)
{
	const StampedForm *form = form_of(sealed, length);

	return form ? form->imprint((Slice) {sealed, sealed + length}, imprint) : "a seal of this form takes no time stamp";
}

const char *
stamped_put(const char *sealed, size_t length, const uint8 *token, size_t token_length, StringInfo out)
{
	const StampedForm *form = form_of(sealed, length);

	if (form == NULL)
		return "a seal of this form takes no time stamp";
	enlargeStringInfo(out, (int) (length + 2 * token_length + 1024));
	return form->put((Slice) {sealed, sealed + length}, token, token_length, out);
}
