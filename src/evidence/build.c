/*
 * build.c
 *		One row of a distribution's view is one piece of evidence. Rows are read
 *		in one statement, hence one snapshot (D-MOD-14); each becomes a document,
 *		is sealed over its final bytes (D-SIG-06) and gets its identifiers.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "configuration/kept.h"
#include "errors.h"
#include "evidence/build.h"
#include "evidence/document.h"
#include "evidence/model.h"
#include "evidence/sealing.h"
#include "evidence/source.h"
#include "message/codelist.h"
#include "message/shape.h"
#include "message/moment.h"
#include "query.h"
#include "settings.h"
#include "uuid.h"
#include "xml/read.h"

/* columns of the statement that reads the rows */
enum
{
	PERSON_ID = 1,
	ISSUING_DATE,
	VALID_FROM,
	VALID_UNTIL,
	LANGUAGE,
	TITLE,
	EVIDENCE_ID,
	EVIDENCE_KEY,
	AUTHORITY_SCHEME,
	AUTHORITY_IDENTIFIER,
	AUTHORITY_NAME,
	AVAILABLE_AT,
	DOCUMENT,
	READABLE
};

/* Bytes of most sealed documents: they are written without being moved. */
#define USUAL_DOCUMENT 8000

/* What stays the same for all rows of one question. */
typedef struct Builder
{
	const BuildQuestion *question;
	const DataModel *model;		/* NULL for unstructured documents */
	SealKey    *key;			/* NULL: unsealed */
} Builder;

static RegistrySource
source_asked(const BuildQuestion *question)
{
	if (question->sample)
		return source_of_sample(question->type, question->distribution);
	return source_of_evidence(question->type, question->distribution);
}

static void
append_columns(StringInfo sql, const RegistrySource *source)
{
	static const char *const dates[] = {"issuing_date", "valid_from", "valid_until"};
	static const char *const texts[] = {"language", "title", "evidence_id", "evidence_key",
	"issuing_authority_scheme", "issuing_authority_identifier", "issuing_authority_name"};

	source_require_column(source, "issuing_date");
	for (int i = 0; i < (int) lengthof(dates); i++)
	{
		appendStringInfoString(sql, ", ");
		source_append_date(sql, source, dates[i]);
	}
	for (int i = 0; i < (int) lengthof(texts); i++)
	{
		appendStringInfoString(sql, ", ");
		source_append_text(sql, source, texts[i]);
	}
	appendStringInfoString(sql, ", ");
	source_append_moment(sql, source, "available_at");
}

static void
append_document(StringInfo sql, const RegistrySource *source, const Distribution *distribution)
{
	source_require_column(source, distribution->document);
	appendStringInfo(sql, ", s.%s", quote_identifier(distribution->document));
}

/* condition is "= $1" or "= ANY ($1)"; NULL reads everything (samples). */
static char *
row_statement(const BuildQuestion *question, const RegistrySource *source, const char *condition)
{
	const Distribution *distribution = question->distribution;
	StringInfoData sql;

	initStringInfo(&sql);
	source_require_column(source, "person_id");
	appendStringInfoString(&sql, "SELECT s.person_id::pg_catalog.text");
	append_columns(&sql, source);
	append_document(&sql, source, distribution);
	if (question->with_companion && distribution->companion != NULL)
		append_document(&sql, source, distribution->companion);
	if (distribution->function != NULL && !question->sample)
		appendStringInfo(&sql, " FROM %s($1) s", source->name);
	else
	{
		appendStringInfo(&sql, " FROM %s s", source->name);
		if (condition != NULL)
			appendStringInfo(&sql, " WHERE s.person_id %s", condition);
	}
	return sql.data;
}

/*
 * Policy 'prefer': an unusable key leaves the evidence unsealed, which the audit
 * says (D-SIG-08). Loading a key touches no database state, so catching its error
 * needs no subtransaction.
 */
static SealKey *
key_if_usable(const EvidenceType *type)
{
	MemoryContext context = CurrentMemoryContext;
	SealKey    *volatile key = NULL;

	PG_TRY();
	{
		key = seal_key_get(type->seal_key, type->provider->name, type->key_uri, type->certificate_uri);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (error->sqlerrcode != ERRCODE_OOTS_KEY)
			PG_RE_THROW();
		FlushErrorState();
		ereport(LOG,
				(errcode(ERRCODE_OOTS_KEY),
				 errmsg("evidence of type \"%s\" leaves unsealed: %s", type->name, error->message)));
		FreeErrorData(error);
	}
	PG_END_TRY();
	return key;
}

static void *
read_model(const void *asked)
{
	const BuildQuestion *question = asked;

	return data_model_load(question->distribution->model, question->distribution->model_version, question->line);
}

static void
builder_start(Builder *builder, const BuildQuestion *question)
{
	const EvidenceType *type = question->type;
	const Distribution *distribution = question->distribution;

	builder->question = question;
	builder->model = NULL;
	builder->key = NULL;
	if (distribution->model != NULL)
		builder->model = kept_get(psprintf("model %d %s %s", question->line, distribution->model, distribution->model_version),
								  read_model, question);
	if (question->rehearsed)
		return;
	if (type->seal == SEAL_REQUIRE)
		builder->key = seal_key_get(type->seal_key, type->provider->name, type->key_uri, type->certificate_uri);
	else if (type->seal == SEAL_PREFER)
		builder->key = key_if_usable(type);
}

Datum
piece_value(const Piece *piece)
{
	return PointerGetDatum(piece->value ? piece->value : cstring_to_text_with_len(piece->content, piece->length));
}

static void
refuse_row(const BuildQuestion *question, const char *fault, const char *hint)
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
		refuse_row(question, "an issuing authority that no answer can name",
				   "Columns issuing_authority_scheme, issuing_authority_identifier and issuing_authority_name are all there or all NULL: a scheme of the line, up to 255 characters without blanks, and a name.");
	return authority;
}

/* What a row says of its evidence beside the document. */
static Piece *
describe_piece(const Builder *builder, HeapTuple tuple, TupleDesc desc, const Distribution *distribution, const DataModel *model)
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

static Piece *
make_piece(const Builder *builder, HeapTuple tuple, TupleDesc desc, const Distribution *distribution,
		   int column, const DataModel *model)
{
	Piece	   *piece;
	StringInfoData document;
	bool		isnull;
	bool		canonical;
	Datum		value = SPI_getbinval(tuple, desc, column, &isnull);

	if (isnull)
		return NULL;
	initStringInfo(&document);
	enlargeStringInfo(&document, USUAL_DOCUMENT);
	document.len = VARHDRSZ;	/* it leaves as a value where it was written */
	document_build(value, SPI_gettypeid(desc, column), distribution->document, distribution->media_type,
				   model, &document, &canonical);
	piece = describe_piece(builder, tuple, desc, distribution, model);
	piece->content_id = psprintf("%s@%s", uuid_hex(), builder->question->type->provider->content_domain);
	sealing_apply(&(Sealing)
				  {
					  .type = builder->question->type, .distribution = distribution, .model = model, .key = builder->key,
					  .rehearsed = builder->question->rehearsed, .canonical = canonical, .document = &document
				  }, piece);
	return piece;
}

/* A function may give anything, also a row about nobody. */
static void
refuse_nobody(const BuildQuestion *question)
{
	refuse_row(question, "no person_id", "Every row of the view, or of the function, must say whom it is about.");
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
static void
complete_metadata(const BuildQuestion *question, Piece *piece, const char *row_evidence_id)
{
	const LocalText *title = linitial(question->type->titles);

	/* what is yet to be digitised may be dated then */
	if (piece->issuing_date == NULL && piece->content != NULL)
		refuse_row(question, "no issuing date", "Every row of the view must have a date in column issuing_date.");
	if (!is_day(piece->issuing_date) || !is_day(piece->valid_from) || !is_day(piece->valid_until))
		refuse_row(question, "a date before year 1 or after 9999", "Columns issuing_date, valid_from and valid_until are days that xsd:date can name, or NULL.");
	if (piece->language != NULL && !code_in(CODES_LANGUAGE, question->line, piece->language))
		refuse_row(question, "a language that is no code of the list", "Column language is an upper-case ISO 639-1 code, or NULL.");
	if (piece->title != NULL && !is_title(piece->title))
		refuse_row(question, "a title with control characters", "Column title is one line of text.");
	if (row_evidence_id != NULL && !shape_uuid(row_evidence_id))
		refuse_row(question, "an evidence_id that is no UUID", "Column evidence_id is of type uuid, or NULL.");
	if (piece->title == NULL || is_blank(piece->title))
		piece->title = pstrdup(title->text);
	if (row_evidence_id != NULL && strcmp(piece->role, "MainEvidence") == 0)
		piece->evidence_id = pstrdup(row_evidence_id);
	else if (piece->content != NULL)
		piece->evidence_id = uuid_text();
}

/* Are the documents there that the row has to give: a companion goes with its main evidence, or neither does. */
static bool
row_is_whole(const BuildQuestion *question, HeapTuple tuple, TupleDesc desc)
{
	bool		with_companion = question->with_companion && question->distribution->companion != NULL;

	return !heap_attisnull(tuple, DOCUMENT, desc) && !(with_companion && heap_attisnull(tuple, READABLE, desc));
}

/* Whole seconds, rounded up; infinity, and what xsd:dateTime cannot name, can be promised to nobody. */
static TimestampTz
promised_moment(const BuildQuestion *question, TimestampTz moment)
{
	TimestampTz seconds = TIMESTAMP_NOT_FINITE(moment) ? moment : (moment + USECS_PER_SEC - 1) / USECS_PER_SEC * USECS_PER_SEC;

	if (TIMESTAMP_NOT_FINITE(moment) || !moment_is_date_time(moment_text(seconds)))
		refuse_row(question, "an available_at that no answer can name", "Column available_at is a moment before year 10000, or NULL.");
	return seconds;
}

/*
 * What the row promises instead of its document (D-TMO-08); NULL where it promises
 * nothing. A promise that was not kept must come to light, and is no "no record":
 * the evidence exists (D-TMO-10).
 */
static Piece *
awaited_piece(const Builder *builder, HeapTuple tuple, TupleDesc desc)
{
	const BuildQuestion *question = builder->question;
	bool		isnull;
	Datum		value = SPI_getbinval(tuple, desc, AVAILABLE_AT, &isnull);
	Piece	   *piece;

	if (isnull || question->sample || row_is_whole(question, tuple, desc))
		return NULL;
	if (DatumGetTimestampTz(value) <= GetCurrentTimestamp())
		refuse_row(question, "no document, though its available_at has passed",
				   "Give it a later available_at, or its document; NULL in both means that there is no such evidence.");
	piece = describe_piece(builder, tuple, desc, question->distribution, builder->model);
	piece->available_at = promised_moment(question, DatumGetTimestampTz(value));
	return piece;
}

/* The row's main evidence and its companion, appended to pieces. */
static List *
pieces_of_row(const Builder *builder, HeapTuple tuple, TupleDesc desc, List *pieces, int *number)
{
	const BuildQuestion *question = builder->question;
	const Distribution *companion = question->with_companion ? question->distribution->companion : NULL;
	char	   *evidence_id = SPI_getvalue(tuple, desc, EVIDENCE_ID);
	Piece	   *piece = awaited_piece(builder, tuple, desc);
	bool		awaited = piece != NULL;

	if (!awaited)
		piece = make_piece(builder, tuple, desc, question->distribution, DOCUMENT, builder->model);
	if (piece == NULL)
		return pieces;
	if (piece->person_id == NULL && !question->sample)
		refuse_nobody(question);
	piece->role = "MainEvidence";
	piece->number = ++*number;
	complete_metadata(question, piece, evidence_id);
	pieces = lappend(pieces, piece);
	if (companion == NULL || awaited)
		return pieces;
	piece = make_piece(builder, tuple, desc, companion, READABLE, NULL);
	if (piece == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_EVIDENCE),
				 errmsg("a row of evidence type \"%s\" has no human-readable version", question->type->name),
				 errhint("Column \"%s\" must not be NULL where the document is not.", companion->document)));
	piece->role = "HumanReadableVersion";
	piece->number = *number;
	complete_metadata(question, piece, NULL);
	return lappend(pieces, piece);
}

/* Position of a language among the wanted ones; unknown and unwanted come last. */
static int
language_rank(const List *wanted, const char *language)
{
	const ListCell *cell;
	int			rank = 0;

	foreach(cell, wanted)
	{
		if (language != NULL && pg_strcasecmp(lfirst(cell), language) == 0)
			return rank;
		rank++;
	}
	return rank;
}

/* A translation that is still to come is none that could be better than what is there. */
static int
translation_rank(const BuildQuestion *question, uint64 row)
{
	int			rank = language_rank(question->languages, query_text(row, LANGUAGE));

	if (!row_is_whole(question, SPI_tuptable->vals[row], SPI_tuptable->tupdesc))
		rank += list_length(question->languages) + 1;
	return rank;
}

/*
 * Rows that share person and evidence_key are one evidence in several languages:
 * of those that are there the wanted language, else the first row (D-MOD-12).
 */
static bool
better_translation_exists(const BuildQuestion *question, uint64 row, uint64 rows)
{
	const char *key = query_text(row, EVIDENCE_KEY);
	int			own;

	if (key == NULL)
		return false;
	own = translation_rank(question, row);
	for (uint64 other = 0; other < rows; other++)
	{
		const char *other_key = query_text(other, EVIDENCE_KEY);
		int			rank;

		if (other == row || other_key == NULL || strcmp(other_key, key) != 0)
			continue;
		rank = translation_rank(question, other);
		if (rank < own || (rank == own && other < row))
			return true;
	}
	return false;
}

/* A view may say in which order a person's pieces are sent. */
static const char *
piece_order(const RegistrySource *source)
{
	return OidIsValid(source_column_type(source->relation, "piece_order")) ? " ORDER BY s.piece_order" : "";
}

static void
add_person_argument(QueryArguments *arguments, const RegistrySource *source, const char *person_id)
{
	Oid			type = source_require_column(source, "person_id");
	Oid			input;
	Oid			parameter;

	if (source->distribution->function != NULL)
	{
		Datum		id = CStringGetTextDatum(person_id);

		query_add(arguments, TEXTARRAYOID,
				  PointerGetDatum(construct_array(&id, 1, TEXTOID, -1, false, TYPALIGN_INT)), false);
		return;
	}
	getTypeInputInfo(type, &input, &parameter);
	query_add(arguments, type, OidInputFunctionCall(input, pstrdup(person_id), parameter, -1), false);
}

List *
build_for_person(const BuildQuestion *question, const char *person_id)
{
	RegistrySource source = source_asked(question);
	QueryArguments arguments = {0};
	Builder		builder;
	List	   *pieces = NIL;
	int			number = 0;
	uint64		rows;
	SPITupleTable *table;

	if (!question->sample)
		add_person_argument(&arguments, &source, person_id);
	rows = query_run(psprintf("%s%s", row_statement(question, &source, question->sample ? NULL : "= $1"), piece_order(&source)),
					 &arguments, true, oots_max_pieces + 1, SPI_OK_SELECT);
	if (rows > (uint64) oots_max_pieces)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_LIMIT),
				 errmsg("evidence type \"%s\" has more pieces for one subject than an answer may carry", question->type->name),
				 errhint("Raise ootspg.max_pieces or narrow the view.")));
	table = SPI_tuptable;
	if (rows > 0)
		builder_start(&builder, question);
	for (uint64 row = 0; row < rows; row++)
	{
		CHECK_FOR_INTERRUPTS();
		SPI_tuptable = table;	/* builder_start() may have run statements of its own */
		if (!better_translation_exists(question, row, rows))
			pieces = pieces_of_row(&builder, table->vals[row], table->tupdesc, pieces, &number);
	}
	return pieces;
}

/* Cursor batches keep memory flat; one portal means one snapshot. */
#define BULK_ROWS 256

/* Where a bulk scan stands: pieces are numbered within a person. */
typedef struct BulkPosition
{
	char	   *person_id;
	int			number;
} BulkPosition;

static void
bulk_row(const Builder *builder, uint64 row, BulkPosition *position, MemoryContext keep,
		 PieceReceiver receive, void *argument)
{
	HeapTuple	tuple = SPI_tuptable->vals[row];
	TupleDesc	desc = SPI_tuptable->tupdesc;
	char	   *person_id = SPI_getvalue(tuple, desc, PERSON_ID);
	ListCell   *cell;

	if (person_id == NULL)
		refuse_nobody(builder->question);
	if (position->person_id == NULL || strcmp(position->person_id, person_id) != 0)
	{
		if (position->person_id != NULL)
			pfree(position->person_id);
		position->person_id = MemoryContextStrdup(keep, person_id);
		position->number = 0;
	}
	foreach(cell, pieces_of_row(builder, tuple, desc, NIL, &position->number))
		receive(lfirst(cell), argument);
}

void
build_for_persons(const BuildQuestion *question, Datum person_ids, PieceReceiver receive, void *argument)
{
	RegistrySource source = source_asked(question);
	QueryArguments arguments = {0};
	MemoryContext outside = CurrentMemoryContext;
	MemoryContext rows = AllocSetContextCreate(outside, "ootspg evidence rows", ALLOCSET_DEFAULT_SIZES);
	BulkPosition position = {0};
	Builder		builder;
	Portal		portal;
	char	   *sql;

	builder_start(&builder, question);
	sql = psprintf("%s ORDER BY 1", row_statement(question, &source, source_any_key(&source)));
	query_add(&arguments, TEXTARRAYOID, person_ids, false);
	portal = query_cursor(sql, &arguments);
	for (;;)
	{
		SPI_cursor_fetch(portal, true, BULK_ROWS);
		if (SPI_processed == 0)
			break;
		for (uint64 row = 0; row < SPI_processed; row++)
		{
			CHECK_FOR_INTERRUPTS();
			MemoryContextSwitchTo(rows);
			bulk_row(&builder, row, &position, outside, receive, argument);
			MemoryContextSwitchTo(outside);
			MemoryContextReset(rows);
		}
		SPI_freetuptable(SPI_tuptable);
	}
	SPI_cursor_close(portal);
	MemoryContextDelete(rows);
}
