/*
 * describe.c
 *		What a row of the registry says of its evidence beside the document, and what every
 *		evidence carries whatever the row says (D-MOD-01).
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "errors.h"
#include "evidence/building.h"
#include "message/codelist.h"
#include "message/moment.h"
#include "message/shape.h"
#include "uuid.h"
#include "xml/read.h"

void
row_refuse(const BuildQuestion *question, const char *fault, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_EVIDENCE),
			 errmsg("a row of evidence type \"%s\" has %s", question->type->name, fault),
			 errhint("%s", hint)));
}

static char *
date_or_null(HeapTuple tuple, TupleDesc desc, int column)
{
	bool		isnull;
	Datum		value = SPI_getbinval(tuple, desc, column, &isnull);

	return isnull ? NULL : moment_date_text(DatumGetDateADT(value));
}

/* {"EN": "…"}, or a text in the language of the document. */
static List *
authority_names(const char *name, const char *language)
{
	LocalText  *text;

	if (name[0] == '{')
		return localized_texts(DirectFunctionCall1(jsonb_in, CStringGetDatum(name)));
	text = palloc0(sizeof(LocalText));
	text->language = pstrdup(language != NULL ? language : "EN");
	text->text = pstrdup(name);
	return list_make1(text);
}

/* What would make the answer break its own rules (R-EDM-RESP-C038, C039, C049) */
static bool
is_sound_authority(EdmLine line, const Agent *authority)
{
	ListCell   *cell;

	if (authority->scheme == NULL || authority->identifier == NULL || authority->names == NIL ||
		!code_is_agent_scheme(line, authority->scheme) ||
		authority->identifier[0] == '\0' || shape_length(authority->identifier) > 255 ||
		strpbrk(authority->identifier, " \t\r\n") != NULL)
		return false;
	foreach(cell, authority->names)
	{
		const LocalText *name = lfirst(cell);

		if (name->text == NULL || !code_in(CODES_LANGUAGE, line, name->language) || shape_length(xml_normalize(name->text)) < 2)
			return false;
	}
	return true;
}

/* Who issued the piece, where that is another than the provider; NULL where the view does not say. */
static Agent *
read_authority(const BuildQuestion *question, HeapTuple tuple, TupleDesc desc, const char *language)
{
	char	   *name = SPI_getvalue(tuple, desc, AUTHORITY_NAME);
	Agent	   *authority = palloc0(sizeof(Agent));

	authority->scheme = SPI_getvalue(tuple, desc, AUTHORITY_SCHEME);
	authority->identifier = SPI_getvalue(tuple, desc, AUTHORITY_IDENTIFIER);
	if (authority->scheme == NULL && authority->identifier == NULL && name == NULL)
		return NULL;
	if (name != NULL)
		authority->names = authority_names(name, language);
	if (!is_sound_authority(question->line, authority))
		row_refuse(question, "an issuing authority that no answer can name",
				   "Columns issuing_authority_scheme, issuing_authority_identifier and issuing_authority_name are all there or all NULL: a scheme of the line, up to 255 characters without blanks, and a name.");
	return authority;
}

Piece *
piece_describe(const Builder *builder, HeapTuple tuple, TupleDesc desc, const Distribution *distribution, const DataModel *model)
{
	Piece	   *piece = palloc0(sizeof(Piece));

	piece->person_id = SPI_getvalue(tuple, desc, PERSON_ID);
	piece->issuing_date = date_or_null(tuple, desc, ISSUING_DATE);
	piece->valid_from = date_or_null(tuple, desc, VALID_FROM);
	piece->valid_until = date_or_null(tuple, desc, VALID_UNTIL);
	piece->language = SPI_getvalue(tuple, desc, LANGUAGE);
	piece->authority = read_authority(builder->question, tuple, desc, piece->language);
	piece->title = SPI_getvalue(tuple, desc, TITLE);
	piece->media_type = distribution->media_type;
	piece->conforms_to = model != NULL ? distribution->conforms_to : NULL;
	return piece;
}

/* A title is one line, of characters that XML has. */
static bool
is_title(const char *text)
{
	for (const unsigned char *p = (const unsigned char *) text; *p; p++)
		if (*p < ' ' || (p[0] == 0xef && p[1] == 0xbf && p[2] >= 0xbe))
			return false;
	return true;
}

static bool
is_day(const char *date)
{
	return date == NULL || moment_is_date(date);
}

static bool
is_blank(const char *text)
{
	return text[strspn(text, " ")] == '\0';
}

/*
 * Metadata every evidence carries (D-MOD-01). What would make the answer break its
 * own rules (R-EDM-RESP-C026, S035) or could not be recorded is the view's fault and
 * must come to light here, while a failure is still the registry's.
 */
void
piece_complete(const BuildQuestion *question, Piece *piece, const char *row_evidence_id, bool there)
{
	const LocalText *title = linitial(question->type->titles);

	/* what is yet to be digitised may be dated then */
	if (piece->issuing_date == NULL && there)
		row_refuse(question, "no issuing date", "Every row of the view must have a date in column issuing_date.");
	if (!is_day(piece->issuing_date) || !is_day(piece->valid_from) || !is_day(piece->valid_until))
		row_refuse(question, "a date before year 1 or after 9999", "Columns issuing_date, valid_from and valid_until are days that xsd:date can name, or NULL.");
	if (piece->language != NULL && !code_in(CODES_LANGUAGE, question->line, piece->language))
		row_refuse(question, "a language that is no code of the list", "Column language is an upper-case ISO 639-1 code, or NULL.");
	if (piece->title != NULL && !is_title(piece->title))
		row_refuse(question, "a title with control characters", "Column title is one line of text.");
	if (row_evidence_id != NULL && !shape_uuid(row_evidence_id))
		row_refuse(question, "an evidence_id that is no UUID", "Column evidence_id is of type uuid, or NULL.");
	if (piece->title == NULL || is_blank(piece->title))
		piece->title = pstrdup(title->text);
	if (row_evidence_id != NULL && strcmp(piece->role, "MainEvidence") == 0)
		piece->evidence_id = pstrdup(row_evidence_id);
	else if (there)
		piece->evidence_id = uuid_text();
}
