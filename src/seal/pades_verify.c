/*
 * pades_verify.c
 *		Strict verification of a PAdES seal. What counts is the signature that covers the file from its first octet
 *		to its last but for its own value: whatever was added after it, harmless or not, is not what
 *		was sealed, and what to make of such a file is not decided here (hide, replace, and
 *		other shadow attacks live in what readers let pass). Signatures before it are content like any
 *		other.
 */
#include "postgres.h"

#include <ctype.h>

#include <openssl/asn1.h>
#include <openssl/err.h>

#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "pdf/form.h"
#include "seal/cms.h"
#include "seal/pades.h"
#include "settings.h"

static bool
refuse_position(SealVerdict *verdict, const char *reason)
{
	return verdict_refuse(verdict, STEP_POSITION, reason);
}

/* The four numbers of ByteRange; false when they are not that. */
static bool
read_range(PdfFile *file, const PdfValue *signature, int64 *range)
{
	const PdfValue *value = pdf_find(file, signature, "ByteRange");
	int			n = 0;

	if (value == NULL || value->kind != PDF_ARRAY || value->count != 4)
		return false;
	for (const PdfValue *item = value->first; item != NULL; item = item->next)
	{
		if (item->kind != PDF_INTEGER || item->number < 0)
			return false;
		range[n++] = item->number;
	}
	return true;
}

/*
 * Does the range leave out the value of Contents, its brackets included, and nothing else? The value is where our
 * reader found it through the cross-reference, so there is no second one.
 */
static bool
covers_all(const char *pdf, size_t length, const PdfValue *contents, const int64 *range)
{
	size_t		gap;

	if (contents == NULL || contents->kind != PDF_STRING || contents->source < pdf ||
		contents->source + contents->length > pdf + length || *contents->source != '<')
		return false;
	gap = contents->source - pdf;
	return range[0] == 0 && (uint64) range[1] == gap && (uint64) range[2] == gap + contents->length &&
		(uint64) range[3] == length - (gap + contents->length);
}

/* The one that reaches to the end of the file. */
static const PdfValue *
find_signature(PdfFile *file, size_t length, SealVerdict *verdict)
{
	const char *refusal;
	List	   *signatures = pdf_signatures(file, &refusal);
	const PdfValue *found = NULL;
	ListCell   *cell;

	if (refusal != NULL)
		verdict_refuse(verdict, STEP_LIMITS, refusal);
	else if (signatures == NIL)
		refuse_position(verdict, "the PDF has no signature");
	foreach(cell, signatures)
	{
		int64		range[4];

		if (!read_range(file, lfirst(cell), range) || (uint64) range[2] + (uint64) range[3] != length)
			continue;
		if (found != NULL && found != lfirst(cell))
		{
			refuse_position(verdict, "two signatures say that they cover the whole file");
			return NULL;
		}
		found = lfirst(cell);
	}
	if (found == NULL && verdict->step == NULL)
		refuse_position(verdict, "no signature covers the whole file: something was added after it, or is not covered");
	return found;
}

static bool
check_dictionary(PdfFile *file, const PdfValue *signature, SealVerdict *verdict)
{
	const PdfValue *type = pdf_find(file, signature, "Type");

	if (pdf_is_name(type, "DocTimeStamp"))
		return verdict_refuse(verdict, STEP_STRUCTURE, "the last signature is a time stamp");
	if (type != NULL && !pdf_is_name(type, "Sig"))
		return verdict_refuse(verdict, STEP_STRUCTURE, "the signature's dictionary is not one of a signature");
	if (!pdf_is_name(pdf_find(file, signature, "SubFilter"), "ETSI.CAdES.detached"))
		return verdict_refuse(verdict, STEP_STRUCTURE, "the signature is of another kind than ETSI.CAdES.detached");
	/* a signature of PDF 1.x has its certificate beside it (adbe.x509.rsa_sha1) */
	return pdf_get(signature, "Cert") == NULL ||
		verdict_refuse(verdict, STEP_STRUCTURE, "the signature names its certificate outside of what is signed");
}

/* White space between the digits, of which NUL is one, would be bytes that nobody signed. */
static bool
only_digits(const PdfValue *contents)
{
	for (size_t i = 1; i + 1 < contents->length; i++)
		if (!isxdigit((unsigned char) contents->source[i]))
			return false;
	return true;
}

/* The DER in Contents is followed by zeros, for which room was made, and by nothing else. */
static bool
trim_contents(const uint8 *octets, size_t *length)
{
	const uint8 *p = octets;
	long		inner;
	int			tag;
	int			class;
	int			status = ASN1_get_object(&p, &inner, &tag, &class, (long) *length);
	size_t		whole;

	if ((status & 0x80) != 0 || status != V_ASN1_CONSTRUCTED || tag != V_ASN1_SEQUENCE)
		return false;
	whole = (p - octets) + inner;
	for (size_t i = whole; i < *length; i++)
		if (octets[i] != 0)
			return false;
	*length = whole;
	return true;
}

/* D:YYYYMMDDHHmmSS and Z, +hh'mm' or +hh'mm (ISO 32000-2 §7.9.4); all but the last apostrophe must be there. */
static bool
parse_date(const char *text, TimestampTz *time)
{
	const char *p = text + 2;
	int			year, month, day, hour, minute, second;
	int			zone = 0;

	if (strncmp(text, "D:", 2) != 0 || (year = verdict_digits(&p, 4)) < 1970 || (month = verdict_digits(&p, 2)) < 1 || month > 12 ||
		(day = verdict_digits(&p, 2)) < 1 || day > day_tab[isleap(year)][month - 1] || (hour = verdict_digits(&p, 2)) < 0 || hour > 23 ||
		(minute = verdict_digits(&p, 2)) < 0 || minute > 59 || (second = verdict_digits(&p, 2)) < 0 || second > 59)
		return false;
	if (*p == '+' || *p == '-')
	{
		int			sign = *p++ == '-' ? -1 : 1;
		int			hours = verdict_digits(&p, 2);
		int			minutes;

		if (hours < 0 || hours > 14 || *p++ != '\'' || (minutes = verdict_digits(&p, 2)) < 0 || minutes > 59)
			return false;
		zone = sign * (hours * 60 + minutes);
	}
	else if (*p++ != 'Z')
		return false;
	else if (strncmp(p, "00'00", 5) == 0)
		p += 5;
	if (*p == '\'')
		p++;
	if (*p != '\0')
		return false;
	*time = (((int64) (date2j(year, month, day) - POSTGRES_EPOCH_JDATE) * SECS_PER_DAY) +
			 hour * SECS_PER_HOUR + (minute - zone) * SECS_PER_MINUTE + second) * USECS_PER_SEC;
	return true;
}

static bool
check_time(PdfFile *file, const PdfValue *signature, SealVerdict *verdict, const X509 *signer)
{
	size_t		length = 0;
	char	   *text = pdf_string(pdf_find(file, signature, "M"), &length);
	TimestampTz time;

	if (text == NULL || strlen(text) != length || !parse_date(text, &time))
		return verdict_refuse(verdict, STEP_PROPERTIES, "the signature's dictionary does not tell a time of signing with its zone");
	verdict->form = "baseline";
	return verdict_signing_time(verdict, signer, time, "the time of signing is outside of the certificate's validity",
								"the time of signing is in the future");
}

static bool
verify_file(PdfFile *file, const char *pdf, size_t length, SealVerdict *verdict, STACK_OF(X509) *certificates)
{
	const PdfValue *signature = find_signature(file, length, verdict);
	const PdfValue *contents = pdf_get(signature, "Contents");
	int64		range[4];
	uint8	   *der;
	size_t		der_length = 0;
	CmsContent	content;

	if (signature == NULL || !check_dictionary(file, signature, verdict))
		return false;
	if (!read_range(file, signature, range) || !covers_all(pdf, length, contents, range))
		return refuse_position(verdict, "ByteRange leaves out something else than the signature's value");
	der = (uint8 *) pdf_string(contents, &der_length);
	if (der == NULL || !only_digits(contents) || !trim_contents(der, &der_length))
		return verdict_refuse(verdict, STEP_PARSING, "the signature's value is not DER and zeros");
	content = (CmsContent)
	{
		{pdf, pdf + range[2]}, {range[1], range[3]}
	};
	return cms_verify(der, der_length, &content, verdict, certificates) &&
		check_time(file, signature, verdict, sk_X509_value(certificates, 0));
}

bool
pades_verify(const char *pdf, size_t length, SealVerdict *verdict, STACK_OF(X509) *certificates)
{
	const char *refusal;
	PdfFile    *file;
	bool		valid;

	if (length > (size_t) oots_max_message_kb * 1024)
		return verdict_refuse(verdict, STEP_LIMITS, "the document is too large");
	if (verdict->beside != NULL)
		return verdict_refuse(verdict, STEP_POSITION, NOT_BESIDE);
	file = pdf_open(pdf, length, &refusal);
	if (file == NULL)
		return verdict_refuse(verdict, STEP_PARSING, refusal);
	valid = verify_file(file, pdf, length, verdict, certificates);
	ERR_clear_error();
	if (valid)
	{
		verdict->signed_content = makeStringInfo();
		appendBinaryStringInfo(verdict->signed_content, pdf, (int) length);
	}
	return valid;
}

bool
pades_is_there(const char *pdf, size_t length)
{
	const char *refusal;
	PdfFile    *file = pdf_open(pdf, length, &refusal);

	return file != NULL && pdf_signatures(file, &refusal) != NIL;
}
