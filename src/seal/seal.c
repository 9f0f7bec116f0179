/*
 * seal.c
 *		One way into all forms of seals.
 */
#include "postgres.h"

#include "errors.h"
#include "seal/jades.h"
#include "seal/pades.h"
#include "seal/seal.h"
#include "seal/stamp.h"
#include "seal/xades.h"
#include "xml/canon.h"

static const struct
{
	const char *word;
	SealForm	form;
}			forms[] = {
	{"xades", FORM_XADES},
	{"pades", FORM_PADES},
	{"pades-t", FORM_PADES_T},
	{"compact", FORM_COMPACT},
	{"flattened", FORM_FLATTENED},
	{"detached", FORM_DETACHED},
};

static bool
begins(const char *document, size_t length, const char *mark)
{
	return length >= strlen(mark) && memcmp(document, mark, strlen(mark)) == 0;
}

/* What a document is by its first octets, as far as seals ask for it. */
static const char *
media_type_of(const char *document, size_t length)
{
	if (begins(document, length, "%PDF-"))
		return "application/pdf";
	if (begins(document, length, "\x89PNG\r\n\x1a\n"))
		return "image/png";
	if (begins(document, length, "\xff\xd8\xff"))
		return "image/jpeg";
	while (length > 0 && *document != '\0' && strchr(" \t\r\n", *document) != NULL)
		document++, length--;
	if (length > 0 && (*document == '{' || *document == '['))
		return "application/json";
	return length > 0 && *document == '<' ? "application/xml" : "application/octet-stream";
}

/* What is neither PDF nor JSON is read as XML, whose reader says what is wrong with it. */
static SealForm
fitting_form(const char *document, size_t length)
{
	const char *media_type = media_type_of(document, length);

	if (strcmp(media_type, "application/pdf") == 0)
		return FORM_PADES;
	if (strcmp(media_type, "application/json") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("JSON is sealed in one of three forms, and none is named"),
				 errhint("The third argument says compact, flattened or detached.")));
	return FORM_XADES;
}

SealForm
seal_form(const char *word, const char *document, size_t length)
{
	if (word == NULL)
		return fitting_form(document, length);
	for (int i = 0; i < (int) lengthof(forms); i++)
		if (strcmp(forms[i].word, word) == 0)
			return forms[i].form;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("no seal has the form \"%s\"", word),
			 errhint("It is xades, pades, pades-t, compact, flattened or detached.")));
}

void
seal_raise_refusal(const char *refusal)
{
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_EVIDENCE),
			 errmsg("the document cannot be sealed: %s", refusal)));
}

void
seal_detached(SealKey *key, const char *media_type, const char *document, size_t length, StringInfo out)
{
	const char *type = media_type ? media_type : media_type_of(document, length);

	if (strcmp(type, "application/json") == 0)
		jades_seal(key, document, length, JADES_DETACHED, out);
	else
		seal_beside(key, document, length, type, out);
}

void
seal_document(SealKey *key, SealForm form, const char *document, size_t length, StringInfo out)
{
	const char *refusal = NULL;

	switch (form)
	{
		case FORM_XADES:
			{
				StringInfo	canonical;

				if (canon_recognise(document, length, NULL))
				{
					seal_canonical(key, document, length, out, NULL);
					break;
				}
				canonical = canon_from_xml(document, length, "document");
				seal_canonical(key, canonical->data, canonical->len, out, NULL);
				break;
			}
		case FORM_PADES:
		case FORM_PADES_T:
			refusal = pades_seal(key, document, length, form == FORM_PADES_T ? STAMP_ROOM : 0, out);
			break;
		case FORM_COMPACT:
		case FORM_FLATTENED:
			jades_seal(key, document, length, form == FORM_COMPACT ? JADES_COMPACT : JADES_FLATTENED, out);
			break;
		case FORM_DETACHED:
			seal_detached(key, NULL, document, length, out);
	}
	if (refusal != NULL)
		seal_raise_refusal(refusal);
}
