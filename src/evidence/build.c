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
#include "evidence/building.h"
#include "evidence/document.h"
#include "evidence/model.h"
#include "evidence/sealing.h"
#include "evidence/source.h"
#include "message/moment.h"
#include "settings.h"
#include "uuid.h"

static RegistrySource
source_asked(const BuildQuestion *question)
{
	if (question->sample)
		return source_of_sample(question->type, question->distribution);
	return source_of_evidence(question->type, question->distribution);
}

/* Whose column is read for its documents. */
static const Distribution *
shown_of(const Distribution *distribution)
{
	return distribution->generated ? distribution->origin : distribution;
}

static const Distribution *
due_companion(const BuildQuestion *question)
{
	return question->with_companion ? question->distribution->companion : NULL;
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
	append_document(&sql, source, shown_of(distribution));
	if (due_companion(question) != NULL && !due_companion(question)->generated)
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

/* A distribution's model on the question's line. */
typedef struct ModelQuestion
{
	const Distribution *distribution;
	EdmLine		line;
} ModelQuestion;

static void *
read_model(const void *asked)
{
	const ModelQuestion *question = asked;

	return data_model_load(question->distribution->model, question->distribution->model_version, question->line);
}

static const DataModel *
model_of(const Distribution *distribution, EdmLine line)
{
	ModelQuestion question = {distribution, line};

	if (distribution->model == NULL)
		return NULL;
	return kept_get(psprintf("model %d %s %s", line, distribution->model, distribution->model_version), read_model, &question);
}

static void
builder_start(Builder *builder, const BuildQuestion *question)
{
	const EvidenceType *type = question->type;
	const Distribution *distribution = question->distribution;

	builder->question = question;
	builder->model = model_of(distribution, question->line);
	builder->shown = shown_of(distribution);
	builder->shown_model = distribution->generated ? model_of(builder->shown, question->line) : builder->model;
	builder->key = NULL;
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

/* A function may give anything, also a row about nobody. */
static void
refuse_nobody(const BuildQuestion *question)
{
	row_refuse(question, "no person_id", "Every row of the view, or of the function, must say whom it is about.");
}

/* Are the documents there that the row has to give: a companion goes with its main evidence, or neither does. */
static bool
row_is_whole(const BuildQuestion *question, HeapTuple tuple, TupleDesc desc)
{
	const Distribution *companion = due_companion(question);

	return !heap_attisnull(tuple, DOCUMENT, desc) && !(companion != NULL && !companion->generated && heap_attisnull(tuple, READABLE, desc));
}

/* Whole seconds, rounded up; infinity, and what xsd:dateTime cannot name, can be promised to nobody. */
static TimestampTz
promised_moment(const BuildQuestion *question, TimestampTz moment)
{
	TimestampTz seconds = TIMESTAMP_NOT_FINITE(moment) ? moment : (moment + USECS_PER_SEC - 1) / USECS_PER_SEC * USECS_PER_SEC;

	if (TIMESTAMP_NOT_FINITE(moment) || !moment_is_date_time(moment_text(seconds)))
		row_refuse(question, "an available_at that no answer can name", "Column available_at is a moment before year 10000, or NULL.");
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
		row_refuse(question, "no document, though its available_at has passed",
				   "Give it a later available_at, or its document; NULL in both means that there is no such evidence.");
	piece = piece_describe(builder, tuple, desc, question->distribution, builder->model);
	piece->available_at = promised_moment(question, DatumGetTimestampTz(value));
	return piece;
}

static char *
new_content_id(const Builder *builder)
{
	return psprintf("%s@%s", uuid_hex(), builder->question->type->provider->content_domain);
}

/* A piece that is there, but for its content. */
static Piece *
begin_piece(const Builder *builder, HeapTuple tuple, TupleDesc desc, const Distribution *distribution, const char *role, int number)
{
	bool		main_evidence = strcmp(role, "MainEvidence") == 0;
	Piece	   *piece = piece_describe(builder, tuple, desc, distribution, main_evidence ? builder->model : NULL);

	if (piece->person_id == NULL && !builder->question->sample)
		refuse_nobody(builder->question);
	piece->role = role;
	piece->number = number;
	piece->content_id = new_content_id(builder);
	piece_complete(builder->question, piece, main_evidence ? SPI_getvalue(tuple, desc, EVIDENCE_ID) : NULL, true);
	return piece;
}

/* The bytes become the piece's content; appended to pieces, with the seal that goes along. */
static List *
finish_piece(const Builder *builder, Piece *piece, const Distribution *distribution, const DataModel *model, bool canonical, StringInfo bytes, List *pieces)
{
	const BuildQuestion *question = builder->question;
	Piece	   *seal;

	sealing_apply(&(Sealing)
				  {
					  .type = question->type, .distribution = distribution, .model = model, .key = builder->key, .rehearsed = question->rehearsed,
					  .packaged = line_traits(question->line)->packaged, .canonical = canonical, .document = bytes
				  }, piece);
	pieces = lappend(pieces, piece);
	seal = sealing_beside(builder->key, piece);
	if (seal == NULL)
		return pieces;
	seal->content_id = new_content_id(builder);
	seal->evidence_id = uuid_text();
	return lappend(pieces, seal);
}

static List *
companion_of_row(const Builder *builder, HeapTuple tuple, TupleDesc desc, const Distribution *companion, int number, List *pieces)
{
	StringInfoData bytes;
	bool		isnull;
	bool		canonical;
	Datum		value = SPI_getbinval(tuple, desc, READABLE, &isnull);

	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_EVIDENCE),
				 errmsg("a row of evidence type \"%s\" has no human-readable version", builder->question->type->name),
				 errhint("Column \"%s\" must not be NULL where the document is not.", companion->document)));
	sealing_begin(&bytes, document_room(value, SPI_gettypeid(desc, READABLE)));
	document_build(value, SPI_gettypeid(desc, READABLE), companion->document, companion->media_type, NULL, &bytes, &canonical);
	return finish_piece(builder, begin_piece(builder, tuple, desc, companion, "HumanReadableVersion", number), companion, NULL, canonical, &bytes, pieces);
}

/* What a row's pieces are made of. */
typedef struct Row
{
	HeapTuple	tuple;
	TupleDesc	desc;
	RowDocument document;		/* the structured one as it is before it is sealed, where others are generated from it */
	const Piece *main_piece;
	const char *language;		/* that they are in */
} Row;

/* original: the language it is translated from; NULL: it is none. */
static List *
generated_piece(const Builder *builder, const Row *row, const Distribution *distribution, const char *role, const char *language, const char *original,
				List *pieces)
{
	Piece	   *piece = begin_piece(builder, row->tuple, row->desc, distribution, role, row->main_piece->number);
	StringInfoData bytes;

	generate_pdf(builder, &row->document, row->main_piece, language, original, &bytes);
	piece->language = pstrdup(language);
	return finish_piece(builder, piece, distribution, NULL, false, &bytes, pieces);
}

/* The main evidence, and what is generated from it or instead of it (D-MOD-02, D-MOD-12). */
static List *
pieces_of_document(const Builder *builder, Row *row, Piece *piece, List *pieces)
{
	const BuildQuestion *question = builder->question;
	const Distribution *distribution = question->distribution;
	const Distribution *companion = due_companion(question);
	const Distribution *generated = distribution->generated ? distribution : distribution->companion;
	bool		canonical = row->document.canonical;
	StringInfoData bytes = row->document.bytes;
	const char *translated = NULL;

	row->main_piece = piece;
	if (generated != NULL && generated->generated)
	{
		/* sealing takes the bytes, with the room before them */
		initStringInfo(&bytes);
		appendBinaryStringInfo(&bytes, row->document.bytes.data, row->document.bytes.len);
		row->language = shown_language(builder, &row->document, piece->language);
		translated = question->translate ? translated_language(builder, &row->document, row->language) : NULL;
	}
	if (distribution->generated)
	{
		generate_pdf(builder, &row->document, piece, row->language, NULL, &bytes);
		piece->language = pstrdup(row->language);
		canonical = false;
	}
	pieces = finish_piece(builder, piece, distribution, builder->model, canonical, &bytes, pieces);
	if (companion != NULL && companion->generated)
		pieces = generated_piece(builder, row, companion, "HumanReadableVersion", row->language, NULL, pieces);
	else if (companion != NULL)
		pieces = companion_of_row(builder, row->tuple, row->desc, companion, piece->number, pieces);
	if (translated != NULL)
		pieces = generated_piece(builder, row, generated, "Translation", translated, row->language, pieces);
	return pieces;
}

/* The row's main evidence and its companions, appended to pieces. */
static List *
pieces_of_row(const Builder *builder, HeapTuple tuple, TupleDesc desc, List *pieces, int *number)
{
	const BuildQuestion *question = builder->question;
	Piece	   *awaited = awaited_piece(builder, tuple, desc);
	Row			row = {tuple, desc};

	if (awaited != NULL)
	{
		if (awaited->person_id == NULL)
			refuse_nobody(question);
		awaited->role = "MainEvidence";
		awaited->number = ++*number;
		piece_complete(question, awaited, SPI_getvalue(tuple, desc, EVIDENCE_ID), false);
		return lappend(pieces, awaited);
	}
	if (!document_of_row(builder, tuple, desc, DOCUMENT, &row.document))
		return pieces;
	return pieces_of_document(builder, &row, begin_piece(builder, tuple, desc, question->distribution, "MainEvidence", ++*number), pieces);
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

static void
refuse_many(const BuildQuestion *question)
{
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_LIMIT),
			 errmsg("evidence type \"%s\" has more documents for one subject than an answer may carry", question->type->name),
			 errhint("Narrow the view; or raise ootspg.max_pieces, once the access point takes one payload more than that.")));
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
		refuse_many(question);
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
	if (list_length(pieces) > oots_max_pieces)
		refuse_many(question);
	return pieces;
}

/* Cursor batches keep memory flat; one portal means one snapshot. */
#define BULK_ROWS 256
#define FIRST_ROWS 8
#define BULK_BYTES UINT64CONST(1048576)

/* Where a bulk scan stands: pieces are numbered within a person. */
typedef struct BulkPosition
{
	char	   *person_id;
	int			number;
} BulkPosition;

static void
bulk_row(const Builder *builder, SPITupleTable *table, uint64 row, BulkPosition *position, MemoryContext keep,
		 PieceReceiver receive, void *argument)
{
	HeapTuple	tuple = table->vals[row];
	TupleDesc	desc = table->tupdesc;
	char	   *person_id = SPI_getvalue(tuple, desc, PERSON_ID);
	List	   *pieces;
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
	pieces = pieces_of_row(builder, tuple, desc, NIL, &position->number);
	/* a row of megabytes makes room before its pieces are copied */
	heap_freetuple(tuple);
	table->vals[row] = NULL;
	foreach(cell, pieces)
		receive(lfirst(cell), argument);
}

/* How many rows to read at a time, by what those took that were read last. */
static long
rows_to_read(void)
{
	uint64		bytes = 0;

	for (uint64 row = 0; row < SPI_processed; row++)
		bytes += SPI_tuptable->vals[row]->t_len;
	return Max(1, Min(BULK_ROWS, (long) (BULK_BYTES * SPI_processed / Max(bytes, 1))));
}

/* The rows of one person need no sorting, which would hold a copy of each. */
static bool
is_one(Datum person_ids)
{
	ArrayType  *array = DatumGetArrayTypeP(person_ids);

	return ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)) <= 1;
}

void
build_for_persons(const BuildQuestion *question, Datum person_ids, PieceReceiver receive, void *argument)
{
	RegistrySource source = source_asked(question);
	QueryArguments arguments = {0};
	MemoryContext outside = CurrentMemoryContext;
	MemoryContext rows = AllocSetContextCreate(outside, "ootspg evidence rows", ALLOCSET_DEFAULT_SIZES);
	BulkPosition position = {0};
	long		count = FIRST_ROWS;
	SPITupleTable *table;
	uint64		fetched;
	Builder		builder;
	Portal		portal;
	char	   *sql;

	builder_start(&builder, question);
	sql = psprintf("%s%s", row_statement(question, &source, source_any_key(&source)), is_one(person_ids) ? "" : " ORDER BY 1");
	query_add(&arguments, TEXTARRAYOID, person_ids, false);
	portal = query_cursor(sql, &arguments);
	for (;;)
	{
		SPI_cursor_fetch(portal, true, count);
		if (SPI_processed == 0)
			break;
		table = SPI_tuptable;	/* what is read meanwhile of the configuration has tables of its own */
		fetched = SPI_processed;
		count = rows_to_read();
		for (uint64 row = 0; row < fetched; row++)
		{
			CHECK_FOR_INTERRUPTS();
			MemoryContextSwitchTo(rows);
			bulk_row(&builder, table, row, &position, outside, receive, argument);
			MemoryContextSwitchTo(outside);
			MemoryContextReset(rows);
		}
		SPI_freetuptable(table);
	}
	SPI_cursor_close(portal);
	MemoryContextDelete(rows);
}
