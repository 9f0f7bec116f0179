/*
 * evidence.c
 *		ootspg.evidence() and ootspg.seal(): sealed pieces for applications and for
 *		bulk work, outside any exchange. Views and keys are read with the caller's
 *		privileges. That evidence was handed out, how much and to whom, is in the
 *		audit (D-LOG-01); protected persons are left to exchanges that refuse them.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"
#include "utils/uuid.h"

#include "audit/event.h"
#include "audit/partition.h"
#include "compat.h"
#include "configuration/duty.h"
#include "document/render.h"
#include "errors.h"
#include "evidence/build.h"
#include "evidence/match.h"
#include "exchange/subject_row.h"
#include "library.h"
#include "query.h"
#include "seal/sha256.h"
#include "seal/seal.h"

PG_FUNCTION_INFO_V1(ootspg_evidence_subject);
PG_FUNCTION_INFO_V1(ootspg_evidence_persons);
PG_FUNCTION_INFO_V1(ootspg_rehearsed_pieces);
PG_FUNCTION_INFO_V1(ootspg_seal);

static EvidenceType *
active_type(const char *name, EdmLine line)
{
	EvidenceType *type = evidence_type_by_name(name, line);

	/* another duty for its provider shows the type, and is not enough */
	if (type == NULL || !type->active || !duty_covers("exchange", type->provider->name))
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_EVIDENCE_TYPE),
				 errmsg("evidence type \"%s\" does not exist or is not active", name),
				 errhint("ootspg.activate() puts an evidence type into service.")));
	return type;
}

/* The first by name that a request could get; NULL when there is none. */
static const Distribution *
first_distribution(const EvidenceType *type)
{
	const ListCell *cell;

	foreach(cell, type->distributions)
	{
		const Distribution *distribution = lfirst(cell);

		if (!distribution->companion_only)
			return distribution;
	}
	return NULL;
}

static const Distribution *
chosen_distribution(const EvidenceType *type, const char *name)
{
	const Distribution *distribution = name != NULL ? distribution_by_name(type, name) : first_distribution(type);

	if (distribution == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_EVIDENCE_TYPE),
				 name ? errmsg("evidence type \"%s\" has no distribution \"%s\"", type->name, name) :
				 errmsg("evidence type \"%s\" has no distribution", type->name)));
	return distribution;
}

/* Arguments evidence_type, …, line, distribution; false when one that must be there is NULL. */
static bool
read_question(FunctionCallInfo fcinfo, BuildQuestion *question)
{
	char	   *distribution = PG_ARGISNULL(3) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(3));

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return false;
	question->line = line_from_identifier(text_to_cstring(PG_GETARG_TEXT_PP(2)));
	question->type = active_type(text_to_cstring(PG_GETARG_TEXT_PP(0)), question->line);
	question->distribution = chosen_distribution(question->type, distribution);
	question->with_companion = question->distribution->companion != NULL;
	question->renderer = &document_renderer;
	return true;
}

static void
put_text(Datum *value, bool *isnull, const char *text)
{
	*isnull = text == NULL;
	*value = text ? CStringGetTextDatum(text) : (Datum) 0;
}

/* What is handed out, and how much of it. */
typedef struct HandedOut
{
	ReturnSetInfo *result;
	int64		pieces;
} HandedOut;

/* One row in the audit for each call. Exchange 0 stands for none. */
static void
record_handed_out(const BuildQuestion *question, int64 asked, int64 pieces)
{
	ExchangeEvent event = {.time = GetCurrentTimestamp(), .type = "evidence_handed_out", .direction = "out"};
	Facts		facts;

	facts_begin(&facts);
	facts_text(&facts, "evidence type", question->type->name);
	facts_text(&facts, "distribution", question->distribution->name);
	facts_number(&facts, "persons asked for", asked);
	facts_number(&facts, "pieces", pieces);
	event.facts = facts_end(&facts);
	audit_prepare(event.time);
	audit_events(0, question->type->provider->name, &event, 1);
}

/* PieceReceiver: one row of the result */
static void
put_piece(const Piece *piece, void *argument)
{
	HandedOut  *out = argument;
	ReturnSetInfo *result = out->result;
	Datum		values[13];
	bool		nulls[13] = {false};
	bool		there = piece->content != NULL;

	put_text(&values[0], &nulls[0], piece->person_id);
	values[1] = Int32GetDatum(piece->number);
	put_text(&values[2], &nulls[2], piece->role);
	nulls[3] = piece->evidence_id == NULL;
	values[3] = nulls[3] ? (Datum) 0 : DirectFunctionCall1(uuid_in, CStringGetDatum(piece->evidence_id));
	put_text(&values[4], &nulls[4], piece->media_type);
	put_text(&values[5], &nulls[5], piece->conforms_to);
	put_text(&values[6], &nulls[6], piece->language);
	put_text(&values[7], &nulls[7], piece->title);
	nulls[8] = piece->issuing_date == NULL;
	values[8] = nulls[8] ? (Datum) 0 : DirectFunctionCall1(date_in, CStringGetDatum(piece->issuing_date));
	nulls[9] = nulls[10] = !there;
	values[9] = there ? piece_value(piece) : (Datum) 0;
	values[10] = there ? PointerGetDatum(cstring_to_text_with_len((const char *) piece->sha256, SHA256_BYTES)) : (Datum) 0;
	values[11] = BoolGetDatum(piece->sealed);
	nulls[12] = there;
	values[12] = TimestampTzGetDatum(piece->available_at);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	out->pieces += there;
}

/* D-IDM-02, D-IDM-22: exactly one, or the same refusal whatever the reason. */
static char *
matched_person(const BuildQuestion *question, const Subject *subject)
{
	MatchResult match = match_subject(question->type, question->distribution, subject);

	if (match.outcome != MATCH_ONE)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_SUBJECT),
				 errmsg("the subject does not match exactly one record")));
	return match.person_id;
}

/* Who knows the registry's key gets no more than who knows the name (D-IDM-22). */
static void
refuse_protected(const BuildQuestion *question, ArrayType *persons)
{
	if (any_protected(question->type, question->distribution, PointerGetDatum(persons)))
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_SUBJECT),
				 errmsg("evidence of protected persons is not handed out"),
				 errhint("Leave out whom the view of subjects calls protected.")));
}

Datum
ootspg_evidence_subject(PG_FUNCTION_ARGS)
{
	HandedOut	out = {(ReturnSetInfo *) fcinfo->resultinfo};
	BuildQuestion question = {0};
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);
	library_require_objects();
	SPI_connect();
	if (read_question(fcinfo, &question))
	{
		Subject    *subject = subject_from_row(PG_GETARG_HEAPTUPLEHEADER(1));

		foreach(cell, build_for_person(&question, matched_person(&question, subject)))
			put_piece(lfirst(cell), &out);
		record_handed_out(&question, 1, out.pieces);
	}
	SPI_finish();
	return (Datum) 0;
}

Datum
ootspg_evidence_persons(PG_FUNCTION_ARGS)
{
	HandedOut	out = {(ReturnSetInfo *) fcinfo->resultinfo};
	BuildQuestion question = {0};

	InitMaterializedSRF(fcinfo, 0);
	library_require_objects();
	SPI_connect();
	if (read_question(fcinfo, &question))
	{
		ArrayType  *persons = PG_GETARG_ARRAYTYPE_P(1);

		refuse_protected(&question, persons);
		build_for_persons(&question, PointerGetDatum(persons), put_piece, &out);
		record_handed_out(&question, ArrayGetNItems(ARR_NDIM(persons), ARR_DIMS(persons)), out.pieces);
	}
	SPI_finish();
	return (Datum) 0;
}

/*
 * What a person's pieces would be, of a type in service or not: unsealed, with the
 * validity that evidence() does not show. For ootspg.rehearse().
 */
Datum
ootspg_rehearsed_pieces(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	BuildQuestion question = {.rehearsed = true, .renderer = &document_renderer};
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	question.line = line_from_identifier(text_to_cstring(PG_GETARG_TEXT_PP(3)));
	question.type = evidence_type_by_name(name, question.line);
	if (question.type == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_EVIDENCE_TYPE),
				 errmsg("evidence type \"%s\" does not exist", name)));
	question.distribution = chosen_distribution(question.type, text_to_cstring(PG_GETARG_TEXT_PP(1)));
	question.with_companion = question.distribution->companion != NULL;
	foreach(cell, build_for_person(&question, text_to_cstring(PG_GETARG_TEXT_PP(2))))
	{
		const Piece *piece = lfirst(cell);
		Datum		values[5];
		bool		nulls[5] = {false};

		put_text(&values[0], &nulls[0], piece->role);
		put_text(&values[1], &nulls[1], piece->media_type);
		put_text(&values[2], &nulls[2], piece->valid_from);
		put_text(&values[3], &nulls[3], piece->valid_until);
		nulls[4] = piece->content == NULL;
		values[4] = nulls[4] ? (Datum) 0 : piece_value(piece);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	SPI_finish();
	return (Datum) 0;
}

Datum
ootspg_seal(PG_FUNCTION_ARGS)
{
	bytea	   *document = PG_GETARG_BYTEA_PP(0);
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	const char *word = PG_NARGS() > 2 ? text_to_cstring(PG_GETARG_TEXT_PP(2)) : NULL;
	SealForm	form = seal_form(word, VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document));
	QueryArguments arguments = {0};
	StringInfoData sealed;
	SealKey    *key = NULL;

	library_require_objects();
	initStringInfo(&sealed);
	SPI_connect();
	query_add_text(&arguments, name);
	if (query_run("SELECT provider, key_uri, certificate_uri FROM ootspg.seal_key WHERE seal_key = $1",
				  &arguments, true, 1, SPI_OK_SELECT) > 0)
	{
		char	   *provider = query_text(0, 1);
		char	   *key_uri = query_text(0, 2);
		char	   *certificate_uri = query_text(0, 3);

		if (duty_covers("exchange", provider))
			key = seal_key_get(name, provider, key_uri, certificate_uri);
	}
	if (key == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_KEY),
				 errmsg("there is no seal key \"%s\"", name),
				 errhint("Register it with ootspg.set_seal_key().")));
	seal_document(key, form, VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document), &sealed);
	SPI_finish();
	PG_RETURN_BYTEA_P(cstring_to_text_with_len(sealed.data, sealed.len));
}
