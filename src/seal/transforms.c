/*
 * transforms.c
 *		XPath filters without XPath: libxmlsec1 joins sets of all nodes for
 *		them, which takes time that grows with the square of the document. And RSA-PSS as
 *		RFC 9231 §2.3.10 names it (no parameters: the salt is as long as the digest, which
 *		the mask uses as well), which libxmlsec1 1.2 has not.
 */
#include "postgres.h"

#include <libxml/tree.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/buffer.h>
#include <xmlsec/keys.h>
#include <xmlsec/list.h>
#include <xmlsec/nodeset.h>
#include <xmlsec/strings.h>
#include <xmlsec/xmltree.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/openssl/evp.h>

#include "seal/suite.h"
#include "seal/transforms.h"

/* the library's own filters, with what they do replaced */
static struct _xmlSecTransformKlass xpath_filter;
static struct _xmlSecTransformKlass xpath2_filter;

/* All that is in the set, without the signature the transform stands in. */
static int
leave_signature_out(xmlSecTransformPtr transform, int last, xmlSecTransformCtxPtr chain)
{
	xmlNodePtr	signature = transform->hereNode ? xmlSecFindParent(transform->hereNode, xmlSecNodeSignature, xmlSecDSigNs) : NULL;
	xmlSecNodeSetPtr rest;

	if (signature == NULL || transform->inNodes == NULL || transform->inNodes->doc != signature->doc)
		return -1;
	rest = xmlSecNodeSetGetChildren(signature->doc, signature, 1, 1);
	if (rest == NULL)
		return -1;
	transform->outNodes = xmlSecNodeSetAdd(transform->inNodes, rest, xmlSecNodeSetIntersection);
	if (transform->outNodes == NULL)
		xmlSecNodeSetDestroy(rest);
	return transform->outNodes != NULL ? 0 : -1;
}

/* Freed as what it was made as: the library looks at that. */
static void
finalize_filter(xmlSecTransformPtr transform)
{
	transform->id = transform->id == &xpath2_filter ? xmlSecTransformXPath2Id : xmlSecTransformXPathId;
	if (transform->id->finalize != NULL)
		transform->id->finalize(transform);
}

static void
replace(xmlSecTransformPtr transform, struct _xmlSecTransformKlass *filter)
{
	*filter = *transform->id;
	filter->execute = leave_signature_out;
	filter->finalize = finalize_filter;
	transform->id = filter;
}

int
transforms_simplify(xmlSecTransformCtxPtr chain)
{
	for (xmlSecTransformPtr transform = chain->first; transform != NULL; transform = transform->next)
	{
		if (transform->id == xmlSecTransformXPath2Id)
			replace(transform, &xpath2_filter);
		else if (transform->id == xmlSecTransformXPathId)
			replace(transform, &xpath_filter);
	}
	return 0;
}

/* What an RSA-PSS verification keeps behind the library's own part of the transform. */
typedef struct Pss
{
	EVP_PKEY   *key;			/* borrowed from the library's key */
	EVP_MD_CTX *digest;
} Pss;

static Pss *
pss_of(xmlSecTransformPtr transform)
{
	return (Pss *) ((char *) transform + sizeof(xmlSecTransform));
}

static void
pss_finalize(xmlSecTransformPtr transform)
{
	EVP_MD_CTX_free(pss_of(transform)->digest);
	memset(pss_of(transform), 0, sizeof(Pss));
}

static int
pss_initialize(xmlSecTransformPtr transform)
{
	memset(pss_of(transform), 0, sizeof(Pss));
	return 0;
}

static int
pss_key_requirements(xmlSecTransformPtr transform, xmlSecKeyReqPtr requirements)
{
	requirements->keyId = xmlSecOpenSSLKeyDataRsaId;
	requirements->keyType = xmlSecKeyDataTypePublic;
	requirements->keyUsage = xmlSecKeyUsageVerify;
	return 0;
}

/* The digest is that of the suite with the name of the transform. */
static int
pss_set_key(xmlSecTransformPtr transform, xmlSecKeyPtr key)
{
	const SealSuite *suite = suite_by_uri((const char *) transform->id->href);
	EVP_PKEY   *public_key = xmlSecOpenSSLEvpKeyDataGetEvp(xmlSecKeyGetValue(key));
	EVP_PKEY_CTX *padding = NULL;
	Pss		   *pss = pss_of(transform);

	pss->digest = EVP_MD_CTX_new();
	if (suite == NULL || public_key == NULL || pss->digest == NULL ||
		EVP_DigestVerifyInit_ex(pss->digest, &padding, suite->digest, NULL, NULL, public_key, NULL) != 1 ||
		EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) <= 0 ||
		EVP_PKEY_CTX_set_rsa_mgf1_md_name(padding, suite->digest, NULL) <= 0 ||
		EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, RSA_PSS_SALTLEN_DIGEST) <= 0)
		return -1;
	pss->key = public_key;
	return 0;
}

/* Takes octets in as they come. */
static int
pss_execute(xmlSecTransformPtr transform, int last, xmlSecTransformCtxPtr chain)
{
	xmlSecBufferPtr in = &transform->inBuf;
	xmlSecSize	size = xmlSecBufferGetSize(in);

	if (pss_of(transform)->key == NULL || transform->operation != xmlSecTransformOperationVerify)
		return -1;
	if (transform->status == xmlSecTransformStatusNone)
		transform->status = xmlSecTransformStatusWorking;
	if (size > 0 && (transform->status != xmlSecTransformStatusWorking ||
					 EVP_DigestVerifyUpdate(pss_of(transform)->digest, xmlSecBufferGetData(in), size) != 1 ||
					 xmlSecBufferRemoveHead(in, size) != 0))
		return -1;
	if (last)
		transform->status = xmlSecTransformStatusFinished;
	return 0;
}

static int
pss_verify(xmlSecTransformPtr transform, const xmlSecByte *value, xmlSecSize size, xmlSecTransformCtxPtr chain)
{
	if (transform->status != xmlSecTransformStatusFinished)
		return -1;
	transform->status = EVP_DigestVerifyFinal(pss_of(transform)->digest, value, size) == 1 ?
		xmlSecTransformStatusOk : xmlSecTransformStatusFail;
	ERR_clear_error();
	return 0;
}

#define PSS_METHOD(digest) { \
	.klassSize = sizeof(xmlSecTransformKlass), \
	.objSize = sizeof(xmlSecTransform) + sizeof(Pss), \
	.name = BAD_CAST "ootspg-" digest "-rsa-MGF1", \
	.href = BAD_CAST PSS_URI(digest), \
	.usage = xmlSecTransformUsageSignatureMethod, \
	.initialize = pss_initialize, \
	.finalize = pss_finalize, \
	.setKeyReq = pss_key_requirements, \
	.setKey = pss_set_key, \
	.verify = pss_verify, \
	.getDataType = xmlSecTransformDefaultGetDataType, \
	.pushBin = xmlSecTransformDefaultPushBin, \
	.popBin = xmlSecTransformDefaultPopBin, \
	.execute = pss_execute, \
}

static const xmlSecTransformKlass pss_methods[] = {
	PSS_METHOD("sha256"),
	PSS_METHOD("sha384"),
	PSS_METHOD("sha512"),
};

bool
transforms_register(void)
{
	for (int i = 0; i < (int) lengthof(pss_methods); i++)
		if (xmlSecTransformIdListFindByHref(xmlSecTransformIdsGet(), pss_methods[i].href,
											xmlSecTransformUsageSignatureMethod) == xmlSecTransformIdUnknown &&
			xmlSecTransformIdsRegister(&pss_methods[i]) != 0)
			return false;
	return true;
}
