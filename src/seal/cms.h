/*
 * cms.h
 *		CAdES-BASELINE-B signatures (ETSI EN 319 122-1) as PDF keeps them: detached, with
 *		signing-certificate-v2 and without a time of their own. For the files of src/seal only.
 */
#ifndef OOTSPG_SEAL_CMS_H
#define OOTSPG_SEAL_CMS_H

#include <openssl/x509.h>

#include "seal/keydata.h"
#include "seal/verdict.h"

/* Octets in two ranges, as what is signed of a PDF lies around its signature. */
typedef struct CmsContent
{
	const char *range[2];
	size_t		length[2];
} CmsContent;

/* Octets that no signature by this key is longer than. */
extern size_t cms_size(const SealKey *key);

/* The DER of the signature, palloc'd. Raises ERRCODE_OOTS_KEY when it can't be made. */
extern uint8 *cms_sign(SealKey *key, const CmsContent *content, size_t *length);

/* The digest of both ranges; false when it can't be computed. */
extern bool cms_digest(const EVP_MD *algorithm, const CmsContent *content, uint8 *digest);

/*
 * Judge a DER of exactly that length over the content. certificates, empty, take those that it brings,
 * the signer's first.
 */
extern bool cms_verify(const uint8 *der, size_t length, const CmsContent *content, SealVerdict *verdict,
					   STACK_OF(X509) *certificates);

#endif							/* OOTSPG_SEAL_CMS_H */
