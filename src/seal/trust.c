/*
 * trust.c
 *		Certificates as such: what they may be used for, and chains to trust anchors. What is known
 *		of revocation is looked at elsewhere.
 */
#include "postgres.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "seal/trust.h"

/* an object identifier in digits, as OBJ_obj2txt() writes it */
#define PURPOSE_TEXT	80

/* purposes that signing evidence is one of */
static const char *const fit_purposes[] = {
	"1.3.6.1.5.5.7.3.36",		/* document signing (RFC 9336) */
	"1.3.6.1.4.1.311.10.3.12",	/* Microsoft's */
	"1.2.840.113583.1.1.5",		/* Adobe's */
	"1.3.6.1.5.5.7.3.4",		/* e-mail protection: what most seal certificates have */
	"2.5.29.37.0",				/* any */
};

#define TLS_SERVER		"1.3.6.1.5.5.7.3.1"
#define TLS_CLIENT		"1.3.6.1.5.5.7.3.2"

/* purposes that are known to be others */
static const char *const other_purposes[] = {
	TLS_SERVER,
	TLS_CLIENT,
	"1.3.6.1.5.5.7.3.3",		/* code signing */
	"1.3.6.1.5.5.7.3.8",		/* time stamping */
	"1.3.6.1.5.5.7.3.9",		/* OCSP */
};

static bool
is_one_of(const char *purpose, const char *const *list, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(purpose, list[i]) == 0)
			return true;
	return false;
}

/*
 * RFC 5280 §4.2.1.12. Authorities that issue seal certificates issue others as well, whose
 * keys lie on machines that face the network. A purpose we have never heard of may be a national one
 * for seals, unless the certificate insists on being understood (critical).
 */
static const char *
purpose_refusal(const EXTENDED_KEY_USAGE *purposes, bool critical)
{
	int			total = sk_ASN1_OBJECT_num(purposes);
	int			tls = 0;
	int			others = 0;
	bool		server = false;

	for (int i = 0; i < total; i++)
	{
		char		text[PURPOSE_TEXT];

		(void) OBJ_obj2txt(text, sizeof(text), sk_ASN1_OBJECT_value(purposes, i), 1);
		if (is_one_of(text, fit_purposes, lengthof(fit_purposes)))
			return NULL;
		server = server || strcmp(text, TLS_SERVER) == 0;
		tls += strcmp(text, TLS_SERVER) == 0 || strcmp(text, TLS_CLIENT) == 0;
		others += is_one_of(text, other_purposes, lengthof(other_purposes));
	}
	if (tls > 0 && tls == total)
		return "the certificate is for TLS only";
	if (critical || server || others == total)
		return "the certificate is for other purposes than signing documents";
	return NULL;
}

const char *
trust_usage_refusal(const X509 *certificate)
{
	/* OpenSSL's lazy caches want it writable; the certificate stays what it is */
	X509	   *cached = unconstify(X509 *, certificate);
	uint32		usage = X509_get_key_usage(cached);
	EXTENDED_KEY_USAGE *purposes;
	const char *refusal;
	int			critical = 0;

	if ((X509_get_extension_flags(cached) & EXFLAG_INVALID) != 0)
		return "the certificate's extensions are not valid";
	if (usage != UINT32_MAX && (usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0)
		return "the certificate's key usage does not allow signatures";
	purposes = X509_get_ext_d2i(certificate, NID_ext_key_usage, &critical, NULL);
	if (purposes == NULL)		/* -1: there is none */
		return critical == -1 ? NULL : "the certificate's extensions are not valid";
	refusal = purpose_refusal(purposes, critical > 0);
	sk_ASN1_OBJECT_pop_free(purposes, ASN1_OBJECT_free);
	return refusal;
}

STACK_OF(X509) *
trust_read_anchors(const char *pem, size_t length)
{
	STACK_OF(X509) *anchors = sk_X509_new_null();
	BIO		   *bio = BIO_new_mem_buf(pem, (int) length);
	X509	   *certificate;
	bool		damaged;
	int			count;

	ERR_clear_error();
	while (anchors != NULL && bio != NULL && sk_X509_num(anchors) <= TRUST_MAX_ANCHORS &&
		   (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		if (!sk_X509_push(anchors, certificate))
			X509_free(certificate);
	BIO_free(bio);
	/* the end of a PEM file is an error as well, and the only one that may end it */
	damaged = ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE;
	ERR_clear_error();
	count = sk_X509_num(anchors);
	if (count <= 0 || count > TRUST_MAX_ANCHORS || damaged)
	{
		sk_X509_pop_free(anchors, X509_free);
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 count > TRUST_MAX_ANCHORS ? errmsg("there are more than %d trust anchors", TRUST_MAX_ANCHORS) :
				 count > 0 ? errmsg("a certificate in the trust anchors can't be read") :
				 errmsg("there is no certificate in the trust anchors"),
				 errhint("Trust anchors are given as certificates in PEM form.")));
	}
	return anchors;
}

X509_STORE *
trust_store(STACK_OF(X509) *anchors)
{
	X509_STORE *store = X509_STORE_new();

	if (store == NULL)
		return NULL;
	for (int i = 0; i < sk_X509_num(anchors); i++)
		(void) X509_STORE_add_cert(store, sk_X509_value(anchors, i));
	X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
	X509_STORE_set_depth(store, TRUST_MAX_CHAIN);
	/* 112 bits: no SHA-1 and no short keys anywhere in the chain (D-SIG-12) */
	X509_VERIFY_PARAM_set_auth_level(X509_STORE_get0_param(store), 2);
	return store;
}

/*
 * Now, not at SigningTime, which is the signer's word only (SEAL §1). Any anchor
 * ends the chain, whether self-signed or not.
 */
STACK_OF(X509) *
trust_build_chain(X509 *signer, STACK_OF(X509) *others, STACK_OF(X509) *anchors)
{
	X509_STORE *store = trust_store(anchors);
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	STACK_OF(X509) *chain = NULL;

	if (store != NULL && context != NULL && X509_STORE_CTX_init(context, store, signer, others) && X509_verify_cert(context) == 1)
		chain = X509_STORE_CTX_get1_chain(context);
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	ERR_clear_error();
	return chain;
}

const char *
trust_chain(X509 *signer, STACK_OF(X509) *others, STACK_OF(X509) *anchors)
{
	STACK_OF(X509) *chain = trust_build_chain(signer, others, anchors);
	bool		trusted = chain != NULL;

	sk_X509_pop_free(chain, X509_free);
	return trusted ? "valid" : "untrusted";
}
