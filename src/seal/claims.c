/*
 * claims.c
 *		What a seal says about its signer: certificates (step 8), signed
 *		properties (step 11), and whether a chain leads to a trust anchor. The
 *		certificate in KeyInfo is not signed; the digest in SigningCertificateV2 is
 *		what binds it.
 */
#include "postgres.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "seal/keydata.h"
#include "seal/verifying.h"

#define MAX_CERTIFICATES	10
#define MAX_ANCHORS			1000

/* How far a signer's clock may be ahead of ours. */
#define CLOCK_TOLERANCE		(5 * SECS_PER_MINUTE * USECS_PER_SEC)

uint8 *
claims_base64(const char *text, size_t *length)
{
	size_t		n = 0;
	size_t		padding = 0;
	char	   *plain = palloc(strlen(text) + 1);
	uint8	   *octets;

	for (const char *p = text; *p != '\0'; p++)
	{
		if (strchr(" \t\r\n", *p) != NULL)
			continue;
		if (*p == '=')
			padding++;
		else if (padding > 0 || strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", *p) == NULL)
			return NULL;
		plain[n++] = *p;
	}
	if (n == 0 || n % 4 != 0 || padding > 2 || n > INT_MAX)
		return NULL;
	octets = palloc(n / 4 * 3);
	if (EVP_DecodeBlock(octets, (unsigned char *) plain, (int) n) != (int) (n / 4 * 3))
		return NULL;
	pfree(plain);
	*length = n / 4 * 3 - padding;
	return octets;
}

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
	uint8	   *der = claims_base64(xml_text(node), &length);
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

bool
claims_certificate(Verifying *v)
{
	XmlNode    *data = xml_child(v->key_info, NS_DS, "X509Data");
	X509	   *certificate;
	uint32		usage;
	unsigned int length = 0;

	v->certificates = sk_X509_new_null();
	if (data == NULL || v->certificates == NULL || xml_count(v->key_info, NS_DS, "X509Data") > 1 ||
		xml_count(data, NS_DS, "X509Certificate") > MAX_CERTIFICATES)
		return refuse_certificate(v, "KeyInfo does not have one X509Data with few certificates");
	for (XmlNode *node = xml_child(data, NS_DS, "X509Certificate"); node != NULL;
		 node = xml_next_same(node, NS_DS, "X509Certificate"))
		if (!read_certificate(v, node))
			return false;
	if (sk_X509_num(v->certificates) == 0)
		return refuse_certificate(v, "KeyInfo has no certificate");

	certificate = sk_X509_value(v->certificates, 0);
	if (!X509_digest(certificate, EVP_sha256(), v->verdict->certificate_sha256, &length))
		return refuse_certificate(v, "a certificate in KeyInfo can't be read");
	v->verdict->has_certificate = true;
	v->verdict->certificate_subject = key_subject(certificate);

	if (X509_get0_pubkey(certificate) == NULL ||
		!suite_accepts_key(v->suite, X509_get0_pubkey(certificate)))
		return refuse_certificate(v, "the certificate's key does not fit the signature method, or is too short");
	usage = X509_get_key_usage(certificate);
	if ((X509_get_extension_flags(certificate) & EXFLAG_INVALID) != 0 ||
		(usage != UINT32_MAX && (usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0))
		return refuse_certificate(v, "the certificate's key usage does not allow signatures");
	return true;
}

static bool
refuse_properties(Verifying *v, const char *reason)
{
	return verifying_refuse(v, STEP_PROPERTIES, reason);
}

/* count digits, which must be there, as a number; -1 otherwise. Moves *p beyond. */
static int
digits(const char **p, int count)
{
	int			value = 0;

	for (; count > 0; count--, (*p)++)
	{
		if (**p < '0' || **p > '9')
			return -1;
		value = value * 10 + (**p - '0');
	}
	return value;
}

static bool
skip(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

/* Z, +hh:mm or -hh:mm as minutes east of Greenwich */
static bool
parse_zone(const char **p, int *minutes)
{
	bool		west = **p == '-';
	int			hour;
	int			minute;

	*minutes = 0;
	if (skip(p, 'Z'))
		return true;
	if (!skip(p, '+') && !skip(p, '-'))
		return false;
	hour = digits(p, 2);
	if (hour < 0 || hour > 14 || !skip(p, ':'))
		return false;
	minute = digits(p, 2);
	if (minute < 0 || minute > 59)
		return false;
	*minutes = (hour * 60 + minute) * (west ? -1 : 1);
	return true;
}

/* xs:dateTime with a zone, which a time without meaning elsewhere must have */
static bool
parse_time(const char *text, TimestampTz *time)
{
	const char *p = text;
	int			year, month, day, hour, minute, second, zone;
	int64		seconds;

	if ((year = digits(&p, 4)) < 1970 || !skip(&p, '-') ||
		(month = digits(&p, 2)) < 1 || month > 12 || !skip(&p, '-') ||
		(day = digits(&p, 2)) < 1 || day > day_tab[isleap(year)][month - 1] || !skip(&p, 'T') ||
		(hour = digits(&p, 2)) < 0 || hour > 23 || !skip(&p, ':') ||
		(minute = digits(&p, 2)) < 0 || minute > 59 || !skip(&p, ':') ||
		(second = digits(&p, 2)) < 0 || second > 59)
		return false;
	if (skip(&p, '.'))
	{
		if (digits(&p, 1) < 0)
			return false;
		while (digits(&p, 1) >= 0)
			;
	}
	if (!parse_zone(&p, &zone) || *p != '\0')
		return false;
	seconds = (int64) (date2j(year, month, day) - POSTGRES_EPOCH_JDATE) * SECS_PER_DAY +
		hour * SECS_PER_HOUR + (minute - zone) * SECS_PER_MINUTE + second;
	*time = seconds * USECS_PER_SEC;
	return true;
}

static bool
check_signing_time(Verifying *v, const XmlNode *properties)
{
	const X509 *certificate = sk_X509_value(v->certificates, 0);
	const XmlNode *node = xml_child(properties, NS_XADES, "SigningTime");
	TimestampTz time;

	if (node == NULL || xml_count(properties, NS_XADES, "SigningTime") != 1 ||
		!parse_time(xml_trimmed(node), &time))
		return refuse_properties(v, "there is no readable SigningTime with a time zone");
	v->verdict->signing_time = time;
	v->verdict->has_signing_time = true;
	if (time < key_time(X509_get0_notBefore(certificate)) ||
		time > key_time(X509_get0_notAfter(certificate)))
		return refuse_properties(v, "SigningTime is outside of the certificate's validity");
	if (time > GetCurrentTimestamp() + CLOCK_TOLERANCE)
		return refuse_properties(v, "SigningTime is in the future");
	return true;
}

/* Is the certificate the one whose digest stands first in SigningCertificateV2? */
static bool
check_bound_certificate(Verifying *v, const XmlNode *properties)
{
	const XmlNode *node = xml_child(properties, NS_XADES, "SigningCertificateV2");
	const XmlNode *cert = node ? xml_first(node) : NULL;
	const XmlNode *digest = cert && xml_is(cert, NS_XADES, "Cert") ? xml_child(cert, NS_XADES, "CertDigest") : NULL;
	const XmlNode *method = digest ? xml_child(digest, NS_DS, "DigestMethod") : NULL;
	const XmlNode *value = digest ? xml_child(digest, NS_DS, "DigestValue") : NULL;
	char	   *uri = method ? xml_attribute(method, NULL, "Algorithm") : NULL;
	const char *name = uri ? suite_digest_by_uri(uri) : NULL;
	uint8		computed[EVP_MAX_MD_SIZE];
	unsigned int computed_length = 0;
	uint8	   *claimed;
	size_t		length = 0;

	if (value == NULL || name == NULL || xml_count(properties, NS_XADES, "SigningCertificateV2") != 1)
		return refuse_properties(v, "there is no SigningCertificateV2 with an accepted digest");
	claimed = claims_base64(xml_text(value), &length);
	if (claimed == NULL ||
		!X509_digest(sk_X509_value(v->certificates, 0), EVP_get_digestbyname(name), computed, &computed_length) ||
		length != computed_length || memcmp(claimed, computed, length) != 0)
		return refuse_properties(v, "SigningCertificateV2 names another certificate");
	return true;
}

/* DataObjectFormat speaks of a reference by its Id: of the document's, and of nothing else. */
static bool
check_data_object(Verifying *v)
{
	const XmlNode *objects = xml_child(v->signed_properties, NS_XADES, "SignedDataObjectProperties");
	const XmlNode *format = objects ? xml_child(objects, NS_XADES, "DataObjectFormat") : NULL;
	char	   *uri = format ? xml_attribute(format, NULL, "ObjectReference") : NULL;

	if (uri == NULL || v->reference_id == NULL || xml_count(objects, NS_XADES, "DataObjectFormat") != 1 ||
		uri[0] != '#' || strcmp(uri + 1, v->reference_id) != 0)
		return refuse_properties(v, "DataObjectFormat does not name the reference to the document");
	return true;
}

bool
claims_properties(Verifying *v)
{
	const XmlNode *properties = xml_first(v->signed_properties);

	if (properties == NULL || !xml_is(properties, NS_XADES, "SignedSignatureProperties"))
		return refuse_properties(v, "there are no SignedSignatureProperties");
	return check_bound_certificate(v, properties) && check_signing_time(v, properties) &&
		check_data_object(v);
}

STACK_OF(X509) *
claims_read_anchors(const char *pem, size_t length)
{
	STACK_OF(X509) *anchors = sk_X509_new_null();
	BIO		   *bio = BIO_new_mem_buf(pem, (int) length);
	X509	   *certificate;
	bool		damaged;
	int			count;

	ERR_clear_error();
	while (anchors != NULL && bio != NULL && sk_X509_num(anchors) <= MAX_ANCHORS &&
		   (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		if (!sk_X509_push(anchors, certificate))
			X509_free(certificate);
	BIO_free(bio);
	/* the end of a PEM file is an error as well, and the only one that may end it */
	damaged = ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE;
	ERR_clear_error();
	count = sk_X509_num(anchors);
	if (count <= 0 || count > MAX_ANCHORS || damaged)
	{
		sk_X509_pop_free(anchors, X509_free);
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 count > MAX_ANCHORS ? errmsg("there are more than %d trust anchors", MAX_ANCHORS) :
				 count > 0 ? errmsg("a certificate in the trust anchors can't be read") :
				 errmsg("there is no certificate in the trust anchors"),
				 errhint("Trust anchors are given as certificates in PEM form.")));
	}
	return anchors;
}

/*
 * Now, not at SigningTime, which is the signer's word only (SEAL §1). Any anchor
 * ends the chain, whether self-signed or not. No network is used, so no revocation.
 */
const char *
claims_chain(const Verifying *v)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	bool		trusted = false;

	for (int i = 0; store != NULL && i < sk_X509_num(v->anchors); i++)
		(void) X509_STORE_add_cert(store, sk_X509_value(v->anchors, i));
	if (store != NULL && context != NULL &&
		X509_STORE_CTX_init(context, store, sk_X509_value(v->certificates, 0), v->certificates))
	{
		X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);

		X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
		X509_VERIFY_PARAM_set_depth(param, MAX_CERTIFICATES);
		/* 112 bits: no SHA-1 and no short keys anywhere in the chain (D-SIG-12) */
		X509_VERIFY_PARAM_set_auth_level(param, 2);
		trusted = X509_verify_cert(context) == 1;
	}
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	ERR_clear_error();
	return trusted ? "valid" : "untrusted";
}
