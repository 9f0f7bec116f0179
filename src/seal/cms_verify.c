/*
 * cms_verify.c
 *		Strict judgement of a CAdES signature. OpenSSL reads the DER and checks the signature over the
 *		attributes; what the attributes must be, which certificate is meant and which algorithms are taken is
 *		decided here. Each attribute we read stands there once and has one value.
 */
#include "postgres.h"

#include <openssl/asn1.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "seal/cms.h"
#include "seal/trust.h"

/* The one attribute of that kind with one value (RFC 5652 §11) */
#define ONLY_ONE	(-3)

/* Time stamps that one attribute may hold */
#define MAX_VALUES	10

static bool
refuse_structure(SealVerdict *verdict, const char *reason)
{
	return verdict_refuse(verdict, STEP_STRUCTURE, reason);
}

static const void *
attribute(CMS_SignerInfo *signer, int nid, int type)
{
	return CMS_signed_get0_data_by_OBJ(signer, OBJ_nid2obj(nid), ONLY_ONE, type);
}

/* Digests of our table, by their identifier; NULL: none of them */
static const char *
digest_name(const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *object;

	X509_ALGOR_get0(&object, NULL, NULL, algorithm);
	switch (OBJ_obj2nid(object))
	{
		case NID_sha256:
			return "SHA256";
		case NID_sha384:
			return "SHA384";
		case NID_sha512:
			return "SHA512";
		default:
			return NULL;
	}
}

/* RSASSA-PSS with the salt as long as the digest, and the digest in the mask (RFC 4056, ETSI TS 119 312) */
static bool
is_plain_pss(const X509_ALGOR *algorithm, const char *digest)
{
	const void *value;
	int			type;
	RSA_PSS_PARAMS *parameters;
	X509_ALGOR *mask = NULL;
	const ASN1_OBJECT *function = NULL;
	bool		fine = false;

	X509_ALGOR_get0(NULL, &type, &value, algorithm);
	parameters = type == V_ASN1_SEQUENCE ? ASN1_item_unpack(value, ASN1_ITEM_rptr(RSA_PSS_PARAMS)) : NULL;
	if (parameters != NULL && parameters->hashAlgorithm != NULL && parameters->maskGenAlgorithm != NULL && parameters->saltLength != NULL)
	{
		const char *of_hash = digest_name(parameters->hashAlgorithm);

		X509_ALGOR_get0(&function, &type, &value, parameters->maskGenAlgorithm);
		if (type == V_ASN1_SEQUENCE && OBJ_obj2nid(function) == NID_mgf1)
			mask = ASN1_item_unpack(value, ASN1_ITEM_rptr(X509_ALGOR));
		fine = of_hash != NULL && strcmp(of_hash, digest) == 0 && mask != NULL && digest_name(mask) == of_hash &&
			ASN1_INTEGER_get(parameters->saltLength) == EVP_MD_get_size(EVP_get_digestbyname(digest));
	}
	X509_ALGOR_free(mask);
	RSA_PSS_PARAMS_free(parameters);
	return fine;
}

/* The suite of a signature algorithm beside a digest's; NULL: they are not ours, or not of each other. */
static const SealSuite *
suite_of(const X509_ALGOR *digest, const X509_ALGOR *signature)
{
	static const struct
	{
		int			nid;
		const char *digest;
		const char *suite;
	}			methods[] =
	{
		{NID_ecdsa_with_SHA256, "SHA256", "ecdsa-sha256"},
		{NID_ecdsa_with_SHA384, "SHA384", "ecdsa-sha384"},
		{NID_ecdsa_with_SHA512, "SHA512", "ecdsa-sha512"},
		{NID_rsaEncryption, "SHA256", "rsa-sha256"},
		{NID_rsaEncryption, "SHA384", "rsa-sha384"},
		{NID_rsaEncryption, "SHA512", "rsa-sha512"},
		{NID_sha256WithRSAEncryption, "SHA256", "rsa-sha256"},
		{NID_sha384WithRSAEncryption, "SHA384", "rsa-sha384"},
		{NID_sha512WithRSAEncryption, "SHA512", "rsa-sha512"},
		{NID_rsassaPss, "SHA256", "sha256-rsa-MGF1"},
		{NID_rsassaPss, "SHA384", "sha384-rsa-MGF1"},
		{NID_rsassaPss, "SHA512", "sha512-rsa-MGF1"},
	};
	const char *name = digest_name(digest);
	const ASN1_OBJECT *object;

	X509_ALGOR_get0(&object, NULL, NULL, signature);
	if (name == NULL || (OBJ_obj2nid(object) == NID_rsassaPss && !is_plain_pss(signature, name)))
		return NULL;
	for (int i = 0; i < (int) lengthof(methods); i++)
		if (methods[i].nid == OBJ_obj2nid(object) && strcmp(methods[i].digest, name) == 0)
			return suite_by_name(methods[i].suite);
	return NULL;
}

/* A piece of DER of that tag at *p, before end; moves into it and tells its end. */
static bool
enter(const uint8 **p, const uint8 *end, int tag, const uint8 **inner_end)
{
	long		length;
	int			found;
	int			class;
	int			status = ASN1_get_object(p, &length, &found, &class, end - *p);

	if ((status & 0x81) != 0 || found != tag || class != V_ASN1_UNIVERSAL || length > end - *p)
		return false;
	*inner_end = *p + length;
	return true;
}

/* The digest that signing-certificate-v2 names first (RFC 5035 §4); issuer and serial number beside it are not compared. */
static bool
read_binding(CMS_SignerInfo *signer, const char **digest, const uint8 **octets, size_t *length)
{
	const ASN1_STRING *value = attribute(signer, NID_id_smime_aa_signingCertificateV2, V_ASN1_SEQUENCE);
	const uint8 *p = value ? ASN1_STRING_get0_data(value) : NULL;
	const uint8 *end = value ? p + ASN1_STRING_length(value) : NULL;
	const uint8 *inner;

	if (value == NULL || !enter(&p, end, V_ASN1_SEQUENCE, &end) || !enter(&p, end, V_ASN1_SEQUENCE, &end) ||
		!enter(&p, end, V_ASN1_SEQUENCE, &end))
		return false;
	*digest = "SHA256";
	if (p < end && *p == (V_ASN1_SEQUENCE | V_ASN1_CONSTRUCTED))
	{
		const uint8 *start = p;
		X509_ALGOR *algorithm = d2i_X509_ALGOR(NULL, &start, end - p);

		*digest = algorithm ? digest_name(algorithm) : NULL;
		X509_ALGOR_free(algorithm);
		p = start;
	}
	if (*digest == NULL || !enter(&p, end, V_ASN1_OCTET_STRING, &inner))
		return false;
	*octets = p;
	*length = inner - p;
	return true;
}

/* Certificates that come along, the one that is bound first. */
static bool
read_certificates(CMS_ContentInfo *cms, SealVerdict *verdict, STACK_OF(X509) *certificates)
{
	STACK_OF(X509) *given = CMS_get1_certs(cms);
	bool		fine = true;

	if (sk_X509_num(given) > TRUST_MAX_CHAIN)
		fine = verdict_refuse(verdict, STEP_CERTIFICATE, "the signature has too many certificates");
	while (fine && sk_X509_num(given) > 0)
	{
		X509	   *certificate = sk_X509_shift(given);

		if (!sk_X509_push(certificates, certificate))
		{
			X509_free(certificate);
			fine = verdict_refuse(verdict, STEP_CERTIFICATE, "memory is exhausted");
		}
	}
	sk_X509_pop_free(given, X509_free);
	return fine;
}

static bool
find_signer(CMS_SignerInfo *signer, SealVerdict *verdict, STACK_OF(X509) *certificates)
{
	const char *digest;
	const uint8 *octets;
	size_t		length;

	if (!read_binding(signer, &digest, &octets, &length))
		return verdict_refuse(verdict, STEP_CERTIFICATE, "there is no signing-certificate-v2 with an accepted digest");
	for (int i = 0; i < sk_X509_num(certificates); i++)
	{
		X509	   *certificate = sk_X509_value(certificates, i);
		uint8		computed[EVP_MAX_MD_SIZE];
		unsigned int computed_length = 0;

		if (!X509_digest(certificate, EVP_get_digestbyname(digest), computed, &computed_length) ||
			computed_length != length || memcmp(computed, octets, length) != 0)
			continue;
		if (CMS_SignerInfo_cert_cmp(signer, certificate) != 0)
			return verdict_refuse(verdict, STEP_CERTIFICATE, "the signature names its certificate in two ways that differ");
		(void) sk_X509_set(certificates, i, sk_X509_value(certificates, 0));
		(void) sk_X509_set(certificates, 0, certificate);
		return true;
	}
	return verdict_refuse(verdict, STEP_CERTIFICATE, "the signature does not have the certificate that it names");
}

static bool
check_structure(CMS_ContentInfo *cms, SealVerdict *verdict, CMS_SignerInfo **signer)
{
	STACK_OF(CMS_SignerInfo) *signers;
	const ASN1_OBJECT *kind;

	if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed || !CMS_is_detached(cms) ||
		OBJ_obj2nid(CMS_get0_eContentType(cms)) != NID_pkcs7_data)
		return refuse_structure(verdict, "the signature is not a detached one of data");
	signers = CMS_get0_SignerInfos(cms);
	if (sk_CMS_SignerInfo_num(signers) != 1)
		return refuse_structure(verdict, "the signature does not have exactly one signer");
	*signer = sk_CMS_SignerInfo_value(signers, 0);
	kind = attribute(*signer, NID_pkcs9_contentType, V_ASN1_OBJECT);
	if (kind == NULL || OBJ_obj2nid(kind) != NID_pkcs7_data)
		return refuse_structure(verdict, "the signed attributes do not say what is signed");
	if (CMS_signed_get_attr_by_NID(*signer, NID_id_smime_aa_signingCertificate, -1) >= 0)
		return refuse_structure(verdict, "the signature names its certificate by SHA-1");
	/* EN 319 142-1 §6.3: the dictionary tells the time */
	if (CMS_signed_get_attr_by_NID(*signer, NID_pkcs9_signingTime, -1) >= 0)
		return refuse_structure(verdict, "the signature has a signing time of its own");
	return true;
}

static bool
check_digest(CMS_SignerInfo *signer, const SealSuite *suite, const CmsContent *content, SealVerdict *verdict)
{
	const ASN1_OCTET_STRING *claimed = attribute(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING);
	const EVP_MD *algorithm = EVP_get_digestbyname(suite->digest);
	uint8		digest[EVP_MAX_MD_SIZE];

	if (claimed == NULL || !cms_digest(algorithm, content, digest))
		return refuse_structure(verdict, "the signed attributes have no digest of what is signed");
	return (ASN1_STRING_length(claimed) == EVP_MD_get_size(algorithm) &&
			memcmp(ASN1_STRING_get0_data(claimed), digest, EVP_MD_get_size(algorithm)) == 0) ||
		verdict_refuse_as(verdict, STEP_SIGNATURE, "HASH_FAILURE", "the document is not what was signed");
}

/* Time stamps are upon the signature's octets (EN 319 122-1 §5.3); the attribute may have several values. */
static void
note_stamps(CMS_SignerInfo *signer, SealVerdict *verdict)
{
	const ASN1_OCTET_STRING *value = CMS_SignerInfo_get0_signature(signer);
	char	   *octets = palloc(ASN1_STRING_length(value) + 1);
	int			place = -1;

	memcpy(octets, ASN1_STRING_get0_data(value), ASN1_STRING_length(value));
	while ((place = CMS_unsigned_get_attr_by_NID(signer, NID_id_smime_aa_timeStampToken, place)) >= 0)
	{
		X509_ATTRIBUTE *attribute = CMS_unsigned_get_attr(signer, place);

		for (int i = 0; i < Min(X509_ATTRIBUTE_count(attribute), MAX_VALUES); i++)
		{
			const ASN1_TYPE *type = X509_ATTRIBUTE_get0_type(attribute, i);
			bool		sequence = type != NULL && ASN1_TYPE_get(type) == V_ASN1_SEQUENCE;
			int			length = sequence ? ASN1_STRING_length(type->value.sequence) : 0;
			uint8	   *token = palloc(length + 1);

			if (sequence)
				memcpy(token, ASN1_STRING_get0_data(type->value.sequence), length);
			verdict_note_stamp(verdict, sequence ? token : NULL, length, octets, ASN1_STRING_length(value));
		}
	}
}

/* Lists of revoked certificates that come along; what else a signature may bring of that kind PDF keeps elsewhere. */
static void
note_crls(CMS_ContentInfo *cms, SealVerdict *verdict)
{
	STACK_OF(X509_CRL) *crls = CMS_get1_crls(cms);

	for (int i = 0; i < sk_X509_CRL_num(crls); i++)
	{
		int			length = i2d_X509_CRL(sk_X509_CRL_value(crls, i), NULL);
		uint8	   *octets = length > 0 ? palloc_extended(length, MCXT_ALLOC_NO_OOM) : NULL;
		uint8	   *p = octets;

		if (octets == NULL)
			continue;
		i2d_X509_CRL(sk_X509_CRL_value(crls, i), &p);
		verdict_note_revocation(verdict, true, octets, length);
	}
	sk_X509_CRL_pop_free(crls, X509_CRL_free);
}

/* Of a function of its own, so that what it keeps in registers survives the error that its caller catches. */
static pg_noinline bool
judge(CMS_ContentInfo *cms, const CmsContent *content, SealVerdict *verdict, STACK_OF(X509) *certificates)
{
	CMS_SignerInfo *signer = NULL;
	X509_ALGOR *digest;
	X509_ALGOR *signature;
	const SealSuite *suite;

	if (!check_structure(cms, verdict, &signer))
		return false;
	CMS_SignerInfo_get0_algs(signer, NULL, NULL, &digest, &signature);
	suite = suite_of(digest, signature);
	if (suite == NULL)
		return verdict_refuse(verdict, STEP_ALGORITHMS, "the signature's algorithms are not accepted");
	verdict->algorithm = suite->name;
	if (!read_certificates(cms, verdict, certificates) || !find_signer(signer, verdict, certificates) ||
		!verdict_signer(verdict, sk_X509_value(certificates, 0), suite))
		return false;
	CMS_SignerInfo_set1_signer_cert(signer, sk_X509_value(certificates, 0));
	if (CMS_SignerInfo_verify(signer) != 1)
		return verdict_refuse(verdict, STEP_SIGNATURE, "the signature does not fit");
	note_stamps(signer, verdict);
	note_crls(cms, verdict);
	return check_digest(signer, suite, content, verdict);
}

bool
cms_verify(const uint8 *der, size_t length, const CmsContent *content, SealVerdict *verdict,
		   STACK_OF(X509) *certificates)
{
	const uint8 *p = der;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long) length);
	bool		valid;

	if (cms == NULL || p != der + length)
	{
		CMS_ContentInfo_free(cms);
		ERR_clear_error();
		return verdict_refuse(verdict, STEP_PARSING, "the signature is not CMS");
	}
	PG_TRY();
	{
		valid = judge(cms, content, verdict, certificates);
	}
	PG_FINALLY();
	{
		CMS_ContentInfo_free(cms);
		ERR_clear_error();
	}
	PG_END_TRY();
	return valid;
}
