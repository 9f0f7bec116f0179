/*
 * xades.c
 *		Write the XAdES-BASELINE-B signature of canonical text, in it (SEAL §1, §3
 *		way A), or of any octets, beside them. No DOM and no canonicaliser: every part is written in its canonical
 *		form at once, so one seal costs one pass of SHA-256 over the text, two
 *		short ones, and the signature. The sealed document is canonical itself,
 *		unless its root uses the prefix ds.
 *
 *		Exclusive canonical text declares a prefix only where an element or
 *		attribute name uses it. No InclusiveNamespaces is written: every
 *		declaration in the text stands where it is visibly used, so a prefix list
 *		would not change one digested byte. A prefix that stands in an xsi:type only,
 *		and so is declared nowhere, is refused before it is sealed.
 */
#include "postgres.h"

#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "errors.h"
#include "seal/keydata.h"
#include "seal/sha256.h"
#include "seal/xades.h"
#include "uuid.h"
#include "xml/read.h"

#define XMLNS_DS	" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\""
#define XMLNS_XADES	" xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\""
#define EXC_C14N	"http://www.w3.org/2001/10/xml-exc-c14n#"
#define SHA256_URI	"http://www.w3.org/2001/04/xmlenc#sha256"
#define XSI_URI		"=\"http://www.w3.org/2001/XMLSchema-instance\""

#define SIGNED_INFO	"<ds:SignedInfo"

#define SEAL_ROOM	5120		/* of most seals, with their certificate */

#define SHA256_LENGTH	32
#define BASE64_LENGTH(n)	(((n) + 2) / 3 * 4)
#define TIME_LENGTH		20

#define append_constant(buf, text)	appendBinaryStringInfo(buf, text, sizeof(text) - 1)

/* the holes of one signature */
typedef struct Holes
{
	const char *beside;			/* media type of octets that lie beside the signature; NULL: it lies in what it seals */
	char		uuid[UUID_TEXT_LENGTH + 1];
	char		time[TIME_LENGTH];
	char		document_digest[BASE64_LENGTH(SHA256_LENGTH) + 1];
	char		properties_digest[BASE64_LENGTH(SHA256_LENGTH) + 1];
} Holes;

/* Contexts kept for the backend: making one costs as much as a short digest. */
static EVP_MD_CTX *digest_context = NULL;
static EVP_MD_CTX *sealed_context = NULL;	/* of the sealed document, as far as it is written */

static void
make_contexts(const SealKey *key)
{
	if (digest_context == NULL)
		digest_context = EVP_MD_CTX_new();
	if (sealed_context == NULL)
		sealed_context = EVP_MD_CTX_new();
	if (digest_context == NULL || sealed_context == NULL)
		key_raise_failure(key, "a digest");
}

static void
digest_of(const SealKey *key, const EVP_MD *md, const char *bytes, size_t length, uint8 *out)
{
	if (!EVP_DigestInit_ex2(digest_context, md, NULL) ||
		!EVP_DigestUpdate(digest_context, bytes, length) || !EVP_DigestFinal_ex(digest_context, out, NULL))
		key_raise_failure(key, "a digest");
}

/* base64 of the SHA-256 of bytes; out holds BASE64_LENGTH(32) + 1 */
static void
sha256_base64(const SealKey *key, const char *bytes, size_t length, char *out)
{
	uint8		digest[SHA256_LENGTH];

	digest_of(key, sha256_algorithm(), bytes, length, digest);
	EVP_EncodeBlock((unsigned char *) out, digest, SHA256_LENGTH);
}

/*
 * The document's digest, in base64, keeping the state after its head (all but the
 * root's end tag) for the digest of the sealed document, which has the same head.
 */
static void
document_digest(const SealKey *key, const char *canonical, size_t head, size_t length, char *out)
{
	uint8		digest[SHA256_LENGTH];

	if (!EVP_DigestInit_ex2(digest_context, sha256_algorithm(), NULL) ||
		!EVP_DigestUpdate(digest_context, canonical, head) ||
		!EVP_MD_CTX_copy_ex(sealed_context, digest_context) ||
		!EVP_DigestUpdate(digest_context, canonical + head, length - head) ||
		!EVP_DigestFinal_ex(digest_context, digest, NULL))
		key_raise_failure(key, "a digest");
	EVP_EncodeBlock((unsigned char *) out, digest, SHA256_LENGTH);
}

/* Now, UTC, in whole seconds; written once for all seals of a second. */
static void
signing_time(char *out)
{
	static time_t written = 0;
	static char text[TIME_LENGTH + 1];
	time_t		now = time(NULL);
	struct tm	utc;

	if (now != written)
	{
		gmtime_r(&now, &utc);
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
		written = now;
	}
	memcpy(out, text, TIME_LENGTH);
}

/* Does the position lie inside of a tag? In canonical text every '<' opens one. */
static bool
inside_tag(const char *text, const char *position)
{
	const char *p = memrchr(text, '<', position - text);
	bool		quoted = false;

	if (p == NULL)
		return false;
	for (; p < position; p++)
	{
		if (*p == '"')
			quoted = !quoted;
		else if (*p == '>' && !quoted)
			return false;
	}
	return !quoted;
}

/*
 * Refuse text whose xsi:type values use a prefix that the canonical form has not kept
 * anywhere before. Documents rarely have xsi:type, so the common case is one search.
 */
static void
check_type_prefixes(const char *text, size_t length)
{
	static const char attribute[] = ":type=\"";
	const char *end = text + length;
	const char *p = memmem(text, length, XSI_URI, strlen(XSI_URI));

	while (p != NULL &&
		   (p = memmem(p, end - p, attribute, strlen(attribute))) != NULL)
	{
		const char *value = p + strlen(attribute);
		const char *colon = value;
		const char *prefix = p;
		char	   *declaration;

		while (prefix > text && !strchr(" <\"", prefix[-1]))
			prefix--;
		while (colon < end && !strchr(":\"<", *colon))
			colon++;
		if (colon < end && *colon == ':' && inside_tag(text, prefix))
		{
			/* some other vocabulary's type attribute may hold a URI */
			declaration = psprintf("xmlns:%.*s" XSI_URI, (int) (p - prefix), prefix);
			if (memmem(text, p - text, declaration, strlen(declaration)) != NULL)
			{
				pfree(declaration);
				declaration = psprintf(" xmlns:%.*s=\"", (int) (colon - value), value);
				if (memmem(text, p - text, declaration, strlen(declaration)) == NULL)
					ereport(ERROR,
							(errcode(ERRCODE_OOTS_EVIDENCE),
							 errmsg("the document cannot be sealed: an xsi:type uses a prefix that its canonical form does not declare"),
							 errhint("Use the prefix in the name of an element or attribute that encloses the xsi:type.")));
			}
			pfree(declaration);
		}
		p = value;
	}
}

/* Hardly any document names XML-DSig at all, so the common case is one search. */
bool
seal_is_there(const char *canonical, size_t length)
{
	XmlDocument *document;
	XmlFault	fault;
	bool		there;

	if (memmem(canonical, length, NS_DS, strlen(NS_DS)) == NULL)
		return false;
	document = xml_read(canonical, length, &fault);
	/* what is larger than we read of others is nothing that we verify, either */
	there = document != NULL &&
		(xml_is(xml_root(document), NS_DS, "Signature") || xml_child(xml_root(document), NS_DS, "Signature") != NULL);
	xml_release(document);
	return there;
}

static void
check_unsealed(const char *canonical, size_t length)
{
	if (seal_is_there(canonical, length))
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_EVIDENCE),
				 errmsg("the document cannot be sealed: its root has a signature already"),
				 errhint("A document that somebody has sealed leaves as it is when the view hands it out as bytea.")));
}

/*
 * Where the root's end tag begins. Canonical text has no raw '<' but those of tags,
 * so the last one must be it.
 */
static size_t
end_tag_of_root(const char *text, size_t length)
{
	const char *p = length > 0 ? memrchr(text, '<', length) : NULL;

	if (p == NULL || text[0] != '<' || text[length - 1] != '>' || p[1] != '/')
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_EVIDENCE),
				 errmsg("the document cannot be sealed: it does not end with the end tag of its root")));
	return p - text;
}

/* ds:KeyInfo with the certificate and its intermediates; the trust anchor stays out. */
static void
make_constants(SealKey *key)
{
	MemoryContext old = MemoryContextSwitchTo(key->context);
	char	   *digest = palloc(BASE64_LENGTH(SHA256_LENGTH) + 1);
	StringInfoData info;

	initStringInfo(&info);
	append_constant(&info, "<ds:KeyInfo><ds:X509Data>");
	for (int i = 0; i < sk_X509_num(key->certificates); i++)
	{
		int			length;
		uint8	   *der = key_certificate_der(key, i, &length);

		if (der == NULL)
			continue;
		append_constant(&info, "<ds:X509Certificate>");
		enlargeStringInfo(&info, BASE64_LENGTH(length) + 1);
		info.len += EVP_EncodeBlock((unsigned char *) info.data + info.len, der, length);
		append_constant(&info, "</ds:X509Certificate>");
		pfree(der);
	}
	append_constant(&info, "</ds:X509Data></ds:KeyInfo>");
	EVP_EncodeBlock((unsigned char *) digest, key->certificate_sha256, SHA256_LENGTH);
	MemoryContextSwitchTo(old);
	key->certificate_digest = digest;
	key->key_info = info.data;
}

/*
 * xades:SignedProperties. The canonical form that is digested carries declarations
 * which, in the document, stand on the ancestors.
 */
static void
append_properties(StringInfo out, const SealKey *key, const Holes *holes, bool alone)
{
	append_constant(out, "<xades:SignedProperties");
	if (alone)
		append_constant(out, XMLNS_XADES);
	append_constant(out, " Id=\"sp-");
	appendBinaryStringInfo(out, holes->uuid, UUID_TEXT_LENGTH);
	append_constant(out, "\"><xades:SignedSignatureProperties><xades:SigningTime>");
	appendBinaryStringInfo(out, holes->time, TIME_LENGTH);
	append_constant(out, "</xades:SigningTime><xades:SigningCertificateV2><xades:Cert><xades:CertDigest><ds:DigestMethod");
	if (alone)
		append_constant(out, XMLNS_DS);
	append_constant(out, " Algorithm=\"" SHA256_URI "\"></ds:DigestMethod><ds:DigestValue");
	if (alone)
		append_constant(out, XMLNS_DS);
	append_constant(out, ">");
	appendBinaryStringInfo(out, key->certificate_digest, BASE64_LENGTH(SHA256_LENGTH));
	append_constant(out, "</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2></xades:SignedSignatureProperties>"
					"<xades:SignedDataObjectProperties><xades:DataObjectFormat ObjectReference=\"#ref-");
	appendBinaryStringInfo(out, holes->uuid, UUID_TEXT_LENGTH);
	append_constant(out, "\"><xades:MimeType>");
	appendStringInfoString(out, holes->beside ? holes->beside : "application/xml");
	append_constant(out, "</xades:MimeType></xades:DataObjectFormat></xades:SignedDataObjectProperties></xades:SignedProperties>");
}

/*
 * The rest of the document's ds:Reference, but for its digest. What lies beside has no URI: whoever has the seal knows what it is of
 * (XML-DSig §4.4.3.1), and a name that it has on the way is another where it is kept.
 */
static void
append_reference(StringInfo out, const Holes *holes)
{
	if (holes->beside == NULL)
		append_constant(out, " URI=\"\"><ds:Transforms>"
						"<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform>"
						"<ds:Transform Algorithm=\"" EXC_C14N "\"></ds:Transform></ds:Transforms>");
	else
		append_constant(out, ">");
	append_constant(out, "<ds:DigestMethod Algorithm=\"" SHA256_URI "\"></ds:DigestMethod><ds:DigestValue>");
}

/* ds:SignedInfo in the canonical form that is signed */
static void
append_signed_info(StringInfo out, const SealKey *key, const Holes *holes)
{
	append_constant(out, SIGNED_INFO XMLNS_DS "><ds:CanonicalizationMethod Algorithm=\"" EXC_C14N "\"></ds:CanonicalizationMethod>"
					"<ds:SignatureMethod Algorithm=\"");
	appendStringInfoString(out, key->suite->uri);
	append_constant(out, "\"></ds:SignatureMethod><ds:Reference Id=\"ref-");
	appendBinaryStringInfo(out, holes->uuid, UUID_TEXT_LENGTH);
	appendStringInfoChar(out, '"');
	append_reference(out, holes);
	appendBinaryStringInfo(out, holes->document_digest, BASE64_LENGTH(SHA256_LENGTH));
	append_constant(out, "</ds:DigestValue></ds:Reference>"
					"<ds:Reference Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#sp-");
	appendBinaryStringInfo(out, holes->uuid, UUID_TEXT_LENGTH);
	append_constant(out, "\"><ds:Transforms><ds:Transform Algorithm=\"" EXC_C14N "\"></ds:Transform></ds:Transforms>"
					"<ds:DigestMethod Algorithm=\"" SHA256_URI "\"></ds:DigestMethod><ds:DigestValue>");
	appendBinaryStringInfo(out, holes->properties_digest, BASE64_LENGTH(SHA256_LENGTH));
	append_constant(out, "</ds:DigestValue></ds:Reference></ds:SignedInfo>");
}

/* Sign the canonical SignedInfo and append the value in base64. */
static void
append_signature_value(StringInfo out, SealKey *key, const char *signed_info, size_t length)
{
	uint8		digest[EVP_MAX_MD_SIZE];
	uint8		signature[KEY_MAX_SIGNATURE];
	size_t		signature_length;

	digest_of(key, key->digest, signed_info, length, digest);
	signature_length = key_sign(key, digest, EVP_MD_get_size(key->digest), signature);
	if (signature_length == 0)
		key_raise_failure(key, "signing");
	enlargeStringInfo(out, BASE64_LENGTH(signature_length) + 1);
	out->len += EVP_EncodeBlock((unsigned char *) out->data + out->len, signature, (int) signature_length);
}

/* ds:Signature of a document whose digest is there already. */
static void
append_seal(StringInfo out, SealKey *key, Holes *holes)
{
	const size_t beyond = strlen(SIGNED_INFO XMLNS_DS); /* in the document ds is in force */
	StringInfoData scratch;

	initStringInfo(&scratch);
	enlargeStringInfo(&scratch, 2048);
	uuid_write(holes->uuid);
	signing_time(holes->time);
	append_properties(&scratch, key, holes, true);
	sha256_base64(key, scratch.data, scratch.len, holes->properties_digest);
	resetStringInfo(&scratch);
	append_signed_info(&scratch, key, holes);

	append_constant(out, "<ds:Signature" XMLNS_DS " Id=\"sig-");
	appendBinaryStringInfo(out, holes->uuid, UUID_TEXT_LENGTH);
	append_constant(out, "\">");
	append_constant(out, SIGNED_INFO);
	appendBinaryStringInfo(out, scratch.data + beyond, scratch.len - (int) beyond);
	append_constant(out, "<ds:SignatureValue Id=\"sv-");
	appendBinaryStringInfo(out, holes->uuid, UUID_TEXT_LENGTH);
	append_constant(out, "\">");
	append_signature_value(out, key, scratch.data, scratch.len);
	append_constant(out, "</ds:SignatureValue>");
	appendStringInfoString(out, key->key_info);
	append_constant(out, "<ds:Object><xades:QualifyingProperties" XMLNS_XADES " Target=\"#sig-");
	appendBinaryStringInfo(out, holes->uuid, UUID_TEXT_LENGTH);
	append_constant(out, "\">");
	append_properties(out, key, holes, false);
	append_constant(out, "</xades:QualifyingProperties></ds:Object></ds:Signature>");
	pfree(scratch.data);
}

static void
prepare(SealKey *key)
{
	make_contexts(key);
	if (key->key_info == NULL)
		make_constants(key);
}

void
seal_in_place(SealKey *key, StringInfo text, int start, uint8 *sha256)
{
	const size_t length = text->len - start;
	const size_t head = end_tag_of_root(text->data + start, length);
	char	   *end_tag = pnstrdup(text->data + start + head, length - head);
	Holes		holes = {NULL};

	check_type_prefixes(text->data + start, length);
	check_unsealed(text->data + start, length);
	prepare(key);
	document_digest(key, text->data + start, head, length, holes.document_digest);
	text->len = start + (int) head;
	append_seal(text, key, &holes);
	appendBinaryStringInfo(text, end_tag, (int) (length - head));
	pfree(end_tag);
	if (sha256 != NULL &&
		(!EVP_DigestUpdate(sealed_context, text->data + start + head, text->len - start - head) ||
		 !EVP_DigestFinal_ex(sealed_context, sha256, NULL)))
		key_raise_failure(key, "a digest");
}

void
seal_beside(SealKey *key, const char *bytes, size_t length, const char *media_type, StringInfo out)
{
	Holes		holes = {media_type};

	prepare(key);
	sha256_base64(key, bytes, length, holes.document_digest);
	append_seal(out, key, &holes);
}

void
seal_canonical(SealKey *key, const char *canonical, size_t length, StringInfo out, uint8 *sha256)
{
	const int	start = out->len;

	enlargeStringInfo(out, (int) length + SEAL_ROOM);
	appendBinaryStringInfo(out, canonical, (int) length);
	seal_in_place(key, out, start, sha256);
}
