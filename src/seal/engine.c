/*
 * engine.c
 *		The cryptographic part of verification, done by libxmlsec1 on a structure
 *		that verify.c has already found acceptable. The engine is nevertheless
 *		restricted to what that structure uses (SEAL §4 step 7).
 *
 *		libxmlsec1 is initialised once in each backend, at first use. It is never
 *		shut down: others may use libxml2 in this process.
 */
#include "postgres.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/valid.h>
#include <openssl/err.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/buffer.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/keys.h>
#include <xmlsec/list.h>
#include <xmlsec/transforms.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/openssl/evp.h>

#include "compat.h"
#include "seal/base64url.h"
#include "seal/engine.h"
#include "seal/references.h"
#include "seal/transforms.h"
#include "xml/quiet.h"

/* libxmlsec1 quotes certificates and would print to the server's standard error. */
static void
ignore_report(const char *file, int line, const char *function, const char *object,
			  const char *subject, int reason, const char *message)
{
}

/* xmlSecInit() puts its own entity loader into the process; xml_loud() takes it out again. */
static bool
initialise(void)
{
	static bool done = false;
	XmlQuiet	quiet;

	if (done)
		return true;
	xmlInitParser();
	xml_quiet(&quiet);
	xmlSecErrorsSetCallback(ignore_report);
	done = xmlSecInit() == 0 && xmlSecCheckVersion() == 1 && xmlSecCryptoInit() == 0 &&
		transforms_register();
	xmlSecErrorsSetCallback(ignore_report); /* the initialisations set their own */
	xml_loud(&quiet);
	return done;
}

static bool
enable_reference_transform(xmlSecDSigCtxPtr context, const char *uri)
{
	xmlSecTransformId id = xmlSecTransformIdListFindByHref(xmlSecTransformIdsGet(), BAD_CAST uri,
														   xmlSecTransformUsageAny);

	return id != xmlSecTransformIdUnknown && xmlSecDSigCtxEnableReferenceTransform(context, id) == 0;
}

static bool
enable_signature_transform(xmlSecDSigCtxPtr context, const char *uri)
{
	xmlSecTransformId id = xmlSecTransformIdListFindByHref(xmlSecTransformIdsGet(), BAD_CAST uri,
														   xmlSecTransformUsageAny);

	return id != xmlSecTransformIdUnknown && xmlSecDSigCtxEnableSignatureTransform(context, id) == 0;
}

/* The public key of the certificate as the engine wants it; NULL when it can't be had. */
static xmlSecKeyPtr
key_of(X509 *certificate)
{
	EVP_PKEY   *public_key = X509_get_pubkey(certificate);
	xmlSecKeyDataPtr data = public_key ? xmlSecOpenSSLEvpKeyAdopt(public_key) : NULL;
	xmlSecKeyPtr key = data ? xmlSecKeyCreate() : NULL;

	if (data == NULL)
		EVP_PKEY_free(public_key);
	if (key == NULL || xmlSecKeySetValue(key, data) != 0)
	{
		if (data != NULL)
			xmlSecKeyDataDestroy(data);
		if (key != NULL)
			xmlSecKeyDestroy(key);
		return NULL;
	}
	return key;
}

/* What one reference asks for; none is fine, too. */
static bool
enable_reference(xmlSecDSigCtxPtr context, const Reference *reference)
{
	bool		fine = reference->node == NULL || enable_reference_transform(context, reference->digest_uri);

	if (reference->filter_uri != NULL)
		fine = fine && enable_reference_transform(context, reference->filter_uri);
	for (int i = 0; i < reference->c14ns; i++)
		fine = fine && enable_reference_transform(context, reference->c14n_uris[i]);
	return fine;
}

/* A context that can do what the seal asks for and nothing else. */
static xmlSecDSigCtxPtr
restricted_context(const Verifying *v)
{
	xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);

	if (context == NULL)
		return NULL;
	context->flags |= XMLSEC_DSIG_FLAGS_IGNORE_MANIFESTS | XMLSEC_DSIG_FLAGS_STORE_SIGNEDINFO_REFERENCES;
	context->enabledReferenceUris = xmlSecTransformUriTypeEmpty | xmlSecTransformUriTypeSameDocument;
	/* with the key given, the engine chooses none out of KeyInfo */
	context->signKey = key_of(sk_X509_value(v->certificates, 0));
	context->referencePreExecuteCallback = transforms_simplify;
	if (context->signKey == NULL ||
		!enable_reference(context, &v->document) || !enable_reference(context, &v->properties) ||
		!enable_reference(context, &v->key) ||
		!enable_signature_transform(context, v->c14n_uri) ||
		!enable_signature_transform(context, v->suite->uri))
	{
		xmlSecDSigCtxDestroy(context);
		return NULL;
	}
	return context;
}

/* The octets digested for the reference to the document, borrowed from the context. */
static xmlSecBufferPtr
digested_octets(xmlSecDSigCtxPtr context)
{
	for (xmlSecSize i = 0; i < xmlSecPtrListGetSize(&context->signedInfoReferences); i++)
	{
		xmlSecDSigReferenceCtxPtr reference = xmlSecPtrListGetItem(&context->signedInfoReferences, i);

		if (reference != NULL && reference->uri != NULL && reference->uri[0] == '\0')
			return xmlSecDSigReferenceCtxGetPreDigestBuffer(reference);
	}
	return NULL;
}

/* Is node what the engine takes a reference to id for? */
static bool
is_digested(const XmlNode *node, const char *id)
{
	const xmlAttr *attribute = xmlGetID(node->doc, BAD_CAST id);

	return attribute != NULL && attribute->ns == NULL && attribute->parent == node;
}

/* Steps 9 and 10 on a ready context, and the octets of step 12. Nothing is raised here. */
static bool
run(Verifying *v, xmlSecDSigCtxPtr context, xmlSecBufferPtr *octets)
{
	/* zero only says that the engine came to a result */
	if (xmlSecDSigCtxVerify(context, v->signature) != 0 ||
		context->status != xmlSecDSigStatusSucceeded)
		return verifying_refuse(v, STEP_SIGNATURE, "the signature or a digest does not fit");
	if (!is_digested(v->signed_properties, v->properties_id) ||
		(v->key.node != NULL && !is_digested(v->key_info, v->key_info_id)))
		return verifying_refuse(v, STEP_BINDING, "the properties that were digested are not those that are read");
	*octets = digested_octets(context);
	if (*octets == NULL)
		return verifying_refuse(v, STEP_BINDING, "the octets that were digested are not known");
	return true;
}

/*
 * SignatureValue must be as long as its key wants it: r || s in full for EC (SEAL §2). EU DSS pads
 * r and s to the longer of the two only, which leaves off an octet of each in one of
 * four seals with P-521; the engine parts the value in the middle, so less is taken as well.
 */
static bool
check_length(Verifying *v)
{
	const EVP_PKEY *key = X509_get0_pubkey(sk_X509_value(v->certificates, 0));
	bool		ec = strcmp(v->suite->key_type, "EC") == 0;
	size_t		expected = ec ? 2 * suite_ec_octets(key) : EVP_PKEY_get_size(key);
	size_t		length;

	if (base64_spaced(xml_text(v->signature_value), &length) == NULL ||
		(ec ? length > expected || length % 2 != 0 : length != expected))
		return verifying_refuse(v, STEP_SIGNATURE, "SignatureValue is not base64 of the key's length");
	return true;
}

/* Run the engine in silence and copy what was digested out of its memory. */
static bool
run_and_keep(Verifying *v, xmlSecDSigCtxPtr context)
{
	xmlSecBufferPtr octets = NULL;
	XmlQuiet	quiet;
	bool		fine;

	xml_quiet(&quiet);
	fine = run(v, context, &octets);
	xml_loud(&quiet);
	if (!fine)
		return false;
	v->verdict->signed_content = makeStringInfo();
	appendBinaryStringInfo(v->verdict->signed_content, (char *) xmlSecBufferGetData(octets),
						   (int) xmlSecBufferGetSize(octets));
	return true;
}

bool
engine_verify(Verifying *v)
{
	xmlSecDSigCtxPtr context;
	bool		fine;

	if (!check_length(v))
		return false;
	if (!initialise())
		ereport(ERROR,
				(errcode(ERRCODE_SYSTEM_ERROR),
				 errmsg("libxmlsec1 can't be initialised"),
				 errhint("The library at run time must be of the series it was built with, %s.", XMLSEC_VERSION)));
	context = restricted_context(v);
	if (context == NULL)
		return verifying_refuse(v, STEP_ALGORITHMS, "libxmlsec1 does not serve the algorithms");

	PG_TRY();
	{
		fine = run_and_keep(v, context);
	}
	PG_FINALLY();
	{
		xmlSecDSigCtxDestroy(context);
		ERR_clear_error();
	}
	PG_END_TRY();
	return fine;
}
