/*
 * residence.c
 *		Evidence of residence and its seal, written by hand: canonical XML with element
 *		names in its text, sealed with kept OpenSSL contexts. For the programs that the
 *		extension is compared with. It checks less than the extension does: no schema, no
 *		limits, no characters that XML forbids.
 */
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "residence.h"

#define DS "http://www.w3.org/2000/09/xmldsig#"
#define XADES "http://uri.etsi.org/01903/v1.3.2#"
#define EXC_C14N "http://www.w3.org/2001/10/xml-exc-c14n#"
#define SHA256 "http://www.w3.org/2001/04/xmlenc#sha256"

void
buffer_grow(Buffer *b, size_t more)
{
	b->room = (b->length + more) * 2;
	b->data = realloc(b->data, b->room);
	bench_require(b->data != NULL, "memory");
}

void
bench_die(const char *what, const char *why)
{
	fprintf(stderr, "bench: %s: %s\n", what, why);
	exit(1);
}

void
bench_require(int condition, const char *what)
{
	if (!condition)
		bench_die(what, "failed");
}

static void
put_escaped(Buffer *b, const char *text, int length)
{
	const char *run = text;
	const char *end = text + length;

	for (const char *p = text; p < end; p++)
	{
		const char *reference = *p == '&' ? "&amp;" : *p == '<' ? "&lt;" : *p == '>' ? "&gt;" : *p == '\r' ? "&#xD;" : NULL;

		if (reference == NULL)
			continue;
		buffer_put(b, run, p - run);
		buffer_put(b, reference, strlen(reference));
		run = p + 1;
	}
	buffer_put(b, run, end - run);
}

#define put_element(b, name, field) \
	do { \
		if ((field).length >= 0) \
		{ \
			buffer_constant(b, "<r:" name ">"); \
			put_escaped(b, (field).text, (field).length); \
			buffer_constant(b, "</r:" name ">"); \
		} \
	} while (0)

void
residence_person(Buffer *b, const Field *p)
{
	put_element(b, "PersonCode", p[0]);
	put_element(b, "FamilyName", p[1]);
	put_element(b, "GivenName", p[2]);
	put_element(b, "DateOfBirth", p[3]);
	put_element(b, "PlaceOfBirth", p[4]);
	put_element(b, "Sex", p[5]);
	put_element(b, "Citizenship", p[6]);
	put_element(b, "DocumentNumber", p[7]);
	put_element(b, "Issued", p[8]);
	put_element(b, "IssuingOffice", p[9]);
}

void
residence_stay(Buffer *b, const Field *s)
{
	buffer_constant(b, "<r:Residence>");
	put_element(b, "Since", s[1]);
	put_element(b, "Until", s[2]);
	put_element(b, "Street", s[3]);
	put_element(b, "House", s[4]);
	put_element(b, "City", s[5]);
	put_element(b, "Municipality", s[6]);
	put_element(b, "Postcode", s[7]);
	put_element(b, "CadastreNumber", s[8]);
	put_element(b, "ResidenceKind", s[9]);
	buffer_constant(b, "</r:Residence>");
}

void
residence_digest(const Sealer *s, const void *bytes, size_t length, unsigned char *out)
{
	bench_require(EVP_DigestInit_ex2(s->digesting, s->sha256, NULL) &&
			EVP_DigestUpdate(s->digesting, bytes, length) &&
			EVP_DigestFinal_ex(s->digesting, out, NULL), "digest");
}

static void
digest_base64(const Sealer *s, const void *bytes, size_t length, char *out)
{
	unsigned char value[32];

	residence_digest(s, bytes, length, value);
	EVP_EncodeBlock((unsigned char *) out, value, sizeof(value));
}

void
residence_uuid(unsigned char *uuid, char *text)
{
	static unsigned char pool[64][16];
	static int	left = 0;

	if (left == 0)
	{
		bench_require(RAND_bytes(&pool[0][0], sizeof(pool)) == 1, "random numbers");
		left = 64;
	}
	memcpy(uuid, pool[--left], 16);
	uuid[6] = (uuid[6] & 0x0f) | 0x40;
	uuid[8] = (uuid[8] & 0x3f) | 0x80;
	for (int i = 0; i < 16; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*text++ = '-';
		*text++ = "0123456789abcdef"[uuid[i] >> 4];
		*text++ = "0123456789abcdef"[uuid[i] & 0x0f];
	}
	*text = '\0';
}

/* ECDSA: two integers in DER to two numbers of 32 bytes (RFC 6931). */
static void
der_to_raw(const unsigned char *der, unsigned char *raw)
{
	const unsigned char *p = der + 2;

	memset(raw, 0, 64);
	for (int i = 0; i < 2; i++)
	{
		int			length = p[1];
		int			skip = length > 32 ? length - 32 : 0;

		memcpy(raw + 32 * i + 32 - (length - skip), p + 2 + skip, length - skip);
		p += 2 + length;
	}
}

static void
put_properties(Buffer *b, const Sealer *s, const char *uuid, const char *moment, int alone)
{
	buffer_constant(b, "<xades:SignedProperties");
	if (alone)
		buffer_constant(b, " xmlns:xades=\"" XADES "\"");
	buffer_constant(b, " Id=\"sp-");
	buffer_put(b, uuid, 36);
	buffer_constant(b, "\"><xades:SignedSignatureProperties><xades:SigningTime>");
	buffer_put(b, moment, 20);
	buffer_constant(b, "</xades:SigningTime><xades:SigningCertificateV2><xades:Cert><xades:CertDigest><ds:DigestMethod");
	if (alone)
		buffer_constant(b, " xmlns:ds=\"" DS "\"");
	buffer_constant(b, " Algorithm=\"" SHA256 "\"></ds:DigestMethod><ds:DigestValue");
	if (alone)
		buffer_constant(b, " xmlns:ds=\"" DS "\"");
	buffer_constant(b, ">");
	buffer_put(b, s->certificate_base64, 44);
	buffer_constant(b, "</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2>"
				 "</xades:SignedSignatureProperties><xades:SignedDataObjectProperties>"
				 "<xades:DataObjectFormat ObjectReference=\"#ref-");
	buffer_put(b, uuid, 36);
	buffer_constant(b, "\"><xades:MimeType>application/xml</xades:MimeType></xades:DataObjectFormat>"
				 "</xades:SignedDataObjectProperties></xades:SignedProperties>");
}

static void
put_signed_info(Buffer *b, const char *uuid, const char *document_digest, const char *properties_digest)
{
	buffer_constant(b, "><ds:CanonicalizationMethod Algorithm=\"" EXC_C14N "\"></ds:CanonicalizationMethod>"
				 "<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\"></ds:SignatureMethod>"
				 "<ds:Reference Id=\"ref-");
	buffer_put(b, uuid, 36);
	buffer_constant(b, "\" URI=\"\"><ds:Transforms><ds:Transform Algorithm=\"" DS "enveloped-signature\"></ds:Transform>"
				 "<ds:Transform Algorithm=\"" EXC_C14N "\"></ds:Transform></ds:Transforms>"
				 "<ds:DigestMethod Algorithm=\"" SHA256 "\"></ds:DigestMethod><ds:DigestValue>");
	buffer_put(b, document_digest, 44);
	buffer_constant(b, "</ds:DigestValue></ds:Reference><ds:Reference Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#sp-");
	buffer_put(b, uuid, 36);
	buffer_constant(b, "\"><ds:Transforms><ds:Transform Algorithm=\"" EXC_C14N "\"></ds:Transform></ds:Transforms>"
				 "<ds:DigestMethod Algorithm=\"" SHA256 "\"></ds:DigestMethod><ds:DigestValue>");
	buffer_put(b, properties_digest, 44);
	buffer_constant(b, "</ds:DigestValue></ds:Reference></ds:SignedInfo>");
}

/* Ends the root element of the document that begins at start, with the seal in it. */
void
residence_seal(const Sealer *s, Buffer *b, size_t start, const char *end_tag, const char *moment)
{
	static Buffer scratch;
	static const char info_alone[] = "<ds:SignedInfo xmlns:ds=\"" DS "\"";
	size_t		head = b->length;
	unsigned char id[16];
	char		uuid[37];
	char		document_digest[48];
	char		properties_digest[48];
	unsigned char hash[32];
	unsigned char der[80];
	unsigned char raw[64];
	char		value[96];
	size_t		length = sizeof(der);

	buffer_put(b, end_tag, strlen(end_tag));
	digest_base64(s, b->data + start, b->length - start, document_digest);
	b->length = head;
	residence_uuid(id, uuid);
	scratch.length = 0;
	put_properties(&scratch, s, uuid, moment, 1);
	digest_base64(s, scratch.data, scratch.length, properties_digest);
	scratch.length = 0;
	buffer_constant(&scratch, info_alone);
	put_signed_info(&scratch, uuid, document_digest, properties_digest);
	residence_digest(s, scratch.data, scratch.length, hash);
	bench_require(EVP_PKEY_sign(s->context, der, &length, hash, sizeof(hash)) > 0, "signature");
	der_to_raw(der, raw);
	EVP_EncodeBlock((unsigned char *) value, raw, sizeof(raw));

	buffer_constant(b, "<ds:Signature xmlns:ds=\"" DS "\" Id=\"sig-");
	buffer_put(b, uuid, 36);
	buffer_constant(b, "\"><ds:SignedInfo");
	buffer_put(b, scratch.data + sizeof(info_alone) - 1, scratch.length - (sizeof(info_alone) - 1));
	buffer_constant(b, "<ds:SignatureValue Id=\"sv-");
	buffer_put(b, uuid, 36);
	buffer_constant(b, "\">");
	buffer_put(b, value, 88);
	buffer_constant(b, "</ds:SignatureValue>");
	buffer_put(b, s->key_info, strlen(s->key_info));
	buffer_constant(b, "<ds:Object><xades:QualifyingProperties xmlns:xades=\"" XADES "\" Target=\"#sig-");
	buffer_put(b, uuid, 36);
	buffer_constant(b, "\">");
	put_properties(b, s, uuid, moment, 0);
	buffer_constant(b, "</xades:QualifyingProperties></ds:Object></ds:Signature>");
	buffer_put(b, end_tag, strlen(end_tag));
}

void
residence_open_sealer(Sealer *s, const char *key_path, const char *certificate_path)
{
	FILE	   *key_file = fopen(key_path, "r");
	FILE	   *certificate_file = fopen(certificate_path, "r");
	EVP_PKEY   *key = key_file ? PEM_read_PrivateKey(key_file, NULL, NULL, NULL) : NULL;
	X509	   *certificate = certificate_file ? PEM_read_X509(certificate_file, NULL, NULL, NULL) : NULL;
	unsigned char *der = NULL;
	int			length;
	char	   *base64;
	const char	template[] = "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo>";

	bench_require(key != NULL && certificate != NULL, "reading key and certificate");
	fclose(key_file);
	fclose(certificate_file);
	s->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	s->digesting = EVP_MD_CTX_new();
	s->context = EVP_PKEY_CTX_new(key, NULL);
	bench_require(EVP_PKEY_sign_init(s->context) > 0 && EVP_PKEY_CTX_set_signature_md(s->context, s->sha256) > 0, "key");
	length = i2d_X509(certificate, &der);
	bench_require(length > 0, "certificate");
	base64 = malloc(length * 2 + 8);
	EVP_EncodeBlock((unsigned char *) base64, der, length);
	s->key_info = malloc(strlen(base64) + sizeof(template));
	sprintf(s->key_info, template, base64);
	residence_digest(s, der, length, s->certificate_digest);
	EVP_EncodeBlock((unsigned char *) s->certificate_base64, s->certificate_digest, 32);
	free(base64);
	OPENSSL_free(der);
	X509_free(certificate);
	EVP_PKEY_free(key);
}
