/*
 * claims.c
 *		What a seal says about its signer: certificates (step 8) and signed
 *		properties (step 11). What stands in KeyInfo is not signed, nor does its order mean
 *		anything (XML-DSig §4.5.4): the signer's certificate is the one whose
 *		digest stands first in the signed SigningCertificateV2.
 *
 *		Seals of the former list of formats (ETSI TS 103 171) have SigningCertificate in its
 *		place. Implementing Regulation (EU) 2026/248 art. 3(2) and its Annex II want those
 *		recognised that were created before 23 February 2028. When it was created is
 *		the seal's own word, and the clock of whoever verifies would be the wrong
 *		one: evidence is looked at for years. Nobody gains by the wrong date, as
 *		both forms are held to the same digests.
 */
#include "postgres.h"

#include <openssl/evp.h>

#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "seal/base64url.h"
#include "seal/claims.h"
#include "seal/trust.h"
#include "settings.h"

static bool
refuse_certificate(Verifying *v, const char *reason)
{
	return verifying_refuse(v, STEP_CERTIFICATE, reason);
}

/* Add the certificate of one ds:X509Certificate to the stack. */
static bool
read_certificate(Verifying *v, const XmlNode *node)
{
	size_t		length;
	uint8	   *der = base64_spaced(xml_text(node), &length);
	const uint8 *p = der;
	X509	   *certificate = NULL;

	if (der != NULL)
		certificate = d2i_X509(NULL, &p, (long) length);
	if (certificate != NULL && (p != der + length || !sk_X509_push(v->certificates, certificate)))
	{
		X509_free(certificate);
		certificate = NULL;
	}
	return certificate != NULL || refuse_certificate(v, "a certificate in KeyInfo can't be read");
}

/* The certificates of all ds:X509Data; what else KeyInfo says is nobody's concern. */
static bool
read_certificates(Verifying *v)
{
	for (XmlNode *data = xml_child(v->key_info, NS_DS, "X509Data"); data != NULL;
		 data = xml_next_same(data, NS_DS, "X509Data"))
		for (XmlNode *node = xml_child(data, NS_DS, "X509Certificate"); node != NULL;
			 node = xml_next_same(node, NS_DS, "X509Certificate"))
		{
			if (sk_X509_num(v->certificates) == TRUST_MAX_CHAIN)
				return refuse_certificate(v, "KeyInfo has too many certificates");
			if (!read_certificate(v, node))
				return false;
		}
	return sk_X509_num(v->certificates) > 0 || refuse_certificate(v, "KeyInfo has no certificate");
}

/* The digest the signed properties bind the signer's certificate by. */
typedef struct Binding
{
	const EVP_MD *digest;
	uint8	   *octets;
	size_t		length;
} Binding;

static bool
read_binding(Verifying *v, Binding *binding)
{
	const XmlNode *properties = xml_first(v->signed_properties);
	const XmlNode *node;
	const XmlNode *cert;
	const XmlNode *digest;
	const XmlNode *method;
	const XmlNode *value;
	char	   *uri;
	const char *name;

	if (properties == NULL || !xml_is(properties, NS_XADES, "SignedSignatureProperties"))
		return refuse_certificate(v, "there are no SignedSignatureProperties");
	if (xml_count(properties, NS_XADES, "SigningCertificateV2") + xml_count(properties, NS_XADES, "SigningCertificate") > 1)
		return refuse_certificate(v, "the properties name the signing certificate more than once");
	node = xml_child(properties, NS_XADES, "SigningCertificateV2");
	if (node == NULL && oots_accept_former_seals)
	{
		node = xml_child(properties, NS_XADES, "SigningCertificate");
		v->former = node != NULL;
	}
	cert = node ? xml_first(node) : NULL;
	digest = cert && xml_is(cert, NS_XADES, "Cert") ? xml_child(cert, NS_XADES, "CertDigest") : NULL;
	method = digest ? xml_child(digest, NS_DS, "DigestMethod") : NULL;
	value = digest ? xml_child(digest, NS_DS, "DigestValue") : NULL;
	uri = method ? xml_attribute(method, NULL, "Algorithm") : NULL;
	name = uri ? suite_digest_by_uri(uri) : NULL;
	if (value == NULL || name == NULL)
		return refuse_certificate(v, "there is no SigningCertificateV2 with an accepted digest");
	binding->digest = EVP_get_digestbyname(name);
	binding->octets = base64_spaced(xml_text(value), &binding->length);
	if (binding->octets == NULL)
		return refuse_certificate(v, "the digest of the signing certificate is not base64");
	return true;
}

static bool
is_bound(const X509 *certificate, const Binding *binding)
{
	uint8		computed[EVP_MAX_MD_SIZE];
	unsigned int length = 0;

	return X509_digest(certificate, binding->digest, computed, &length) &&
		length == binding->length && memcmp(binding->octets, computed, length) == 0;
}

/* Put the certificate that is bound first; false when there is none. */
static bool
find_signer(Verifying *v, const Binding *binding)
{
	for (int i = 0; i < sk_X509_num(v->certificates); i++)
	{
		X509	   *certificate = sk_X509_value(v->certificates, i);

		if (is_bound(certificate, binding))
		{
			(void) sk_X509_set(v->certificates, i, sk_X509_value(v->certificates, 0));
			(void) sk_X509_set(v->certificates, 0, certificate);
			return true;
		}
	}
	return refuse_certificate(v, "KeyInfo does not have the certificate that the properties name");
}

bool
claims_certificate(Verifying *v)
{
	Binding		binding;

	return read_certificates(v) && read_binding(v, &binding) && find_signer(v, &binding) &&
		verdict_signer(v->verdict, sk_X509_value(v->certificates, 0), v->suite);
}

static bool
refuse_properties(Verifying *v, const char *reason)
{
	return verifying_refuse(v, STEP_PROPERTIES, reason);
}

static bool
read_signing_time(Verifying *v, const XmlNode *properties)
{
	const XmlNode *node = xml_child(properties, NS_XADES, "SigningTime");
	TimestampTz time;

	if (node == NULL || xml_count(properties, NS_XADES, "SigningTime") != 1 ||
		!verdict_parse_time(xml_trimmed(node), &time))
		return refuse_properties(v, "there is no readable SigningTime with a time zone");
	v->verdict->signing_time = time;
	v->verdict->has_signing_time = true;
	return true;
}

static bool
check_signing_time(Verifying *v)
{
	return verdict_signing_time(v->verdict, sk_X509_value(v->certificates, 0), v->verdict->signing_time,
								"SigningTime is outside of the certificate's validity", "SigningTime is in the future");
}

/* The first moment that is too late for the former form. */
static TimestampTz
former_end(void)
{
	return (int64) (date2j(2028, 2, 23) - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY;
}

static bool
check_former(Verifying *v)
{
	v->verdict->form = v->former ? "former" : "baseline";
	if (v->former && v->verdict->signing_time >= former_end())
		return refuse_properties(v, "SigningCertificate without V2 is a form of seals made before 23 February 2028");
	return true;
}

/*
 * DataObjectFormat speaks of a reference by its Id: once of the document's, and of no
 * other but that to KeyInfo.
 */
static bool
check_data_object(Verifying *v)
{
	const XmlNode *objects = xml_child(v->signed_properties, NS_XADES, "SignedDataObjectProperties");
	const char *key_reference = v->key.node ? xml_attribute(v->key.node, NULL, "Id") : NULL;
	const char *document_reference = xml_attribute(v->document.node, NULL, "Id");
	int			of_document = 0;

	for (const XmlNode *format = objects ? xml_child(objects, NS_XADES, "DataObjectFormat") : NULL; format != NULL;
		 format = xml_next_same(format, NS_XADES, "DataObjectFormat"))
	{
		char	   *uri = xml_attribute(format, NULL, "ObjectReference");

		if (verifying_points_to(uri, document_reference))
			of_document++;
		else if (!verifying_points_to(uri, key_reference))
			of_document = 2;
		if (of_document > 1)
			break;
	}
	if (of_document != 1)
		return refuse_properties(v, "DataObjectFormat does not name the reference to the document");
	return true;
}

/* What the signer says a policy of its own asks of it: told, not followed. */
static void
note_policy(Verifying *v, const XmlNode *properties)
{
	const XmlNode *node = xml_child(properties, NS_XADES, "SignaturePolicyIdentifier");
	const XmlNode *id = node ? xml_child(node, NS_XADES, "SignaturePolicyId") : NULL;

	id = id ? xml_child(id, NS_XADES, "SigPolicyId") : NULL;
	id = id ? xml_child(id, NS_XADES, "Identifier") : NULL;
	if (node != NULL)
		v->verdict->policy = id ? xml_trimmed(id) : "";
}

bool
claims_properties(Verifying *v)
{
	const XmlNode *properties = xml_first(v->signed_properties);

	note_policy(v, properties);
	return read_signing_time(v, properties) && check_former(v) && check_signing_time(v) &&
		check_data_object(v);
}
