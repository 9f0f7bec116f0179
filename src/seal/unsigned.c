/*
 * unsigned.c
 *		CRLs and OCSP responses that a XAdES seal brings, and its time stamps: upon the canonical ds:SignatureValue, by the canonicalisation that each
 *		names, Canonical XML 1.0 where it names none.
 */
#include "postgres.h"

#include "seal/base64url.h"
#include "seal/stamp.h"
#include "seal/unsigned.h"
#include "xml/canon.h"

#define CANONICAL_1_0	"http://www.w3.org/TR/2001/REC-xml-c14n-20010315"

/* Digits and white space of a token */
#define MAX_TEXT		(2 * STAMP_MAX_ANSWER)

/* Each canonicalisation walks through the document; a seal has one stamp, seldom two. */
#define MAX_STAMPS		3

static void
note_stamp(Verifying *v, const XmlNode *stamp)
{
	const XmlNode *method = xml_child(stamp, NS_DS, "CanonicalizationMethod");
	const XmlNode *node = xml_child(stamp, NS_XADES, "EncapsulatedTimeStamp");
	const char *uri = method ? xml_attribute(method, NULL, "Algorithm") : CANONICAL_1_0;
	StringInfo	octets = uri ? canon_from_node_by(v->signature_value, uri) : NULL;
	char	   *text = node ? xml_text(node) : NULL;
	size_t		length = 0;
	uint8	   *token = text != NULL && strlen(text) <= MAX_TEXT && octets != NULL ? base64_spaced(text, &length) : NULL;

	verdict_note_stamp(v->verdict, token, length, octets ? octets->data : "", octets ? octets->len : 0);
}

/* DER in base64 in each element of that name below a list. */
static void
note_values(Verifying *v, const XmlNode *list, const char *name, bool is_crl)
{
	const XmlNode *value = list ? xml_child(list, NS_XADES, name) : NULL;

	for (; value != NULL; value = xml_next_same(value, NS_XADES, name))
	{
		size_t		length = 0;
		uint8	   *octets = base64_spaced(xml_text(value), &length);

		verdict_note_revocation(v->verdict, is_crl, octets, length);
	}
}

void
unsigned_note_revocation(Verifying *v)
{
	const XmlNode *properties = v->unsigned_properties ? xml_child(v->unsigned_properties, NS_XADES, "UnsignedSignatureProperties") : NULL;
	const XmlNode *values = properties ? xml_child(properties, NS_XADES, "RevocationValues") : NULL;

	if (values == NULL)
		return;
	note_values(v, xml_child(values, NS_XADES, "CRLValues"), "EncapsulatedCRLValue", true);
	note_values(v, xml_child(values, NS_XADES, "OCSPValues"), "EncapsulatedOCSPValue", false);
}

void
unsigned_note_stamps(Verifying *v)
{
	const XmlNode *properties = v->unsigned_properties ? xml_child(v->unsigned_properties, NS_XADES, "UnsignedSignatureProperties") : NULL;
	const XmlNode *stamp = properties ? xml_child(properties, NS_XADES, "SignatureTimeStamp") : NULL;

	for (int i = 0; stamp != NULL && i < MAX_STAMPS; i++, stamp = xml_next_same(stamp, NS_XADES, "SignatureTimeStamp"))
		note_stamp(v, stamp);
}
