/*
 * sql.c
 *		The room as SQL functions, for diagnosis and tests: a request, an answer,
 *		the table of troubles.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "compat.h"
#include "accesspoint/gateway.h"

PG_FUNCTION_INFO_V1(ootspg_gateway_request);
PG_FUNCTION_INFO_V1(ootspg_read_gateway_answer);
PG_FUNCTION_INFO_V1(ootspg_gateway_troubles);

/* The place of a word in a list of words, raising when it is not there. */
static int
word_place(const char *word, const char *const *words, int count, const char *what)
{
	for (int i = 0; i < count; i++)
		if (strcmp(word, words[i]) == 0)
			return i;
	ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("unknown %s \"%s\"", what, word));
}

static const char *
text_argument(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(argument));
}

static GatewayOperation
operation_argument(FunctionCallInfo fcinfo)
{
	static const char *const words[] = {"list", "retrieve", "mark", "status", "errors", "submit"};
	const char *word = text_argument(fcinfo, 0);

	return (GatewayOperation) word_place(word ? word : "", words, lengthof(words), "operation");
}

static Datum
bytes_datum(const char *bytes, size_t length)
{
	bytea	   *result = palloc(VARHDRSZ + length);

	SET_VARSIZE(result, VARHDRSZ + length);
	memcpy(VARDATA(result), bytes, length);
	return PointerGetDatum(result);
}

static Datum *
array_argument(FunctionCallInfo fcinfo, int argument, Oid type, int *count)
{
	Datum	   *values;
	bool	   *nulls;

	*count = 0;
	if (PG_ARGISNULL(argument))
		return NULL;
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(argument), type, -1, false, TYPALIGN_INT, &values, &nulls, count);
	for (int i = 0; i < *count; i++)
		if (nulls[i])
			ereport(ERROR, errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("an array of parts contains NULL"));
	return values;
}

/* The parts of a submission, from three arrays. */
static List *
parts_argument(FunctionCallInfo fcinfo, int first)
{
	int			ids,
				types,
				contents;
	Datum	   *id = array_argument(fcinfo, first, TEXTOID, &ids);
	Datum	   *type = array_argument(fcinfo, first + 1, TEXTOID, &types);
	Datum	   *content = array_argument(fcinfo, first + 2, BYTEAOID, &contents);
	List	   *parts = NIL;

	if (ids != types || ids != contents)
		ereport(ERROR, errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR), errmsg("the arrays of parts differ in length"));
	for (int i = 0; i < ids; i++)
	{
		GatewayPart *part = palloc0(sizeof(GatewayPart));
		bytea	   *bytes = DatumGetByteaPP(content[i]);

		part->content_id = TextDatumGetCString(id[i]);
		part->media_type = TextDatumGetCString(type[i]);
		part->bytes = VARDATA_ANY(bytes);
		part->length = VARSIZE_ANY_EXHDR(bytes);
		parts = lappend(parts, part);
	}
	return parts;
}

static GatewayRequest *
make_request(FunctionCallInfo fcinfo)
{
	GatewayOperation operation = operation_argument(fcinfo);
	const char *message_id = text_argument(fcinfo, 1);
	bool		with_role = !PG_ARGISNULL(3) && PG_GETARG_BOOL(3);
	bytea	   *header;

	if (message_id == NULL && operation != GATEWAY_LIST && operation != GATEWAY_SUBMIT)
		ereport(ERROR, errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("the operation needs a message id"));
	switch (operation)
	{
		case GATEWAY_LIST:
			return gateway_list(&(GatewayFilter)
								{
									.final_recipient = text_argument(fcinfo, 4),
									.received_from = PG_ARGISNULL(5) ? 0 : PG_GETARG_TIMESTAMPTZ(5),
									.received_to = PG_ARGISNULL(6) ? 0 : PG_GETARG_TIMESTAMPTZ(6)
								});
		case GATEWAY_RETRIEVE:
			return gateway_retrieve(message_id, !PG_ARGISNULL(2) && PG_GETARG_BOOL(2));
		case GATEWAY_MARK:
			return gateway_mark(message_id);
		case GATEWAY_STATUS:
			return gateway_status(message_id, with_role);
		case GATEWAY_ERRORS:
			return gateway_errors(message_id, with_role);
		case GATEWAY_SUBMIT:
			break;
	}
	if (PG_ARGISNULL(7))
		ereport(ERROR, errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("a submission needs a header"));
	header = PG_GETARG_BYTEA_PP(7);
	return gateway_submit(VARDATA_ANY(header), VARSIZE_ANY_EXHDR(header), gateway_header(VARDATA_ANY(header), VARSIZE_ANY_EXHDR(header)), parts_argument(fcinfo, 8),
						  PG_ARGISNULL(11) ? SIZE_MAX : Max(PG_GETARG_INT32(11), 0));
}

Datum
ootspg_gateway_request(PG_FUNCTION_ARGS)
{
	GatewayRequest *request = make_request(fcinfo);
	Datum		values[2];
	bool		nulls[2] = {false};
	TupleDesc	descriptor;

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = CStringGetTextDatum(request->content_type);
	values[1] = bytes_datum(request->body.data, request->body.len);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls)));
}

/* "name": "value", or null */
static void
json_text(StringInfo json, const char *name, const char *value)
{
	appendStringInfo(json, "%s\"%s\": ", json->data[json->len - 1] == '{' ? "" : ", ", name);
	if (value != NULL)
		escape_json(json, value);
	else
		appendStringInfoString(json, "null");
}

static Datum
jsonb_datum(const char *json)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(json));
}

static Datum
parts_datum(const List *parts)
{
	StringInfoData json;
	const ListCell *cell;

	initStringInfo(&json);
	appendStringInfoChar(&json, '[');
	foreach(cell, parts)
	{
		const GatewayPart *part = lfirst(cell);
		bytea	   *digest = DatumGetByteaPP(DirectFunctionCall1(sha256_bytea, bytes_datum(part->bytes, part->length)));
		char		hex[65];

		hex[hex_encode(VARDATA_ANY(digest), VARSIZE_ANY_EXHDR(digest), hex)] = '\0';
		appendStringInfoString(&json, foreach_current_index(cell) > 0 ? ", {" : "{");
		json_text(&json, "content_id", part->content_id);
		json_text(&json, "media_type", part->media_type);
		appendStringInfo(&json, ", \"length\": %zu", part->length);
		json_text(&json, "sha256", hex);
		appendStringInfoChar(&json, '}');
	}
	appendStringInfoChar(&json, ']');
	return jsonb_datum(json.data);
}

static Datum
errors_datum(const List *errors)
{
	StringInfoData json;
	const ListCell *cell;

	initStringInfo(&json);
	appendStringInfoChar(&json, '[');
	foreach(cell, errors)
	{
		const GatewayError *error = lfirst(cell);

		appendStringInfoString(&json, foreach_current_index(cell) > 0 ? ", {" : "{");
		json_text(&json, "code", error->code);
		json_text(&json, "role", error->role);
		json_text(&json, "detail", error->detail);
		json_text(&json, "timestamp", error->timestamp);
		appendStringInfoChar(&json, '}');
	}
	appendStringInfoChar(&json, ']');
	return jsonb_datum(json.data);
}

static Datum
ids_datum(const List *ids)
{
	Datum	   *values = palloc(sizeof(Datum) * (list_length(ids) + 1));
	const ListCell *cell;

	foreach(cell, ids)
		values[foreach_current_index(cell)] = CStringGetTextDatum((char *) lfirst(cell));
	return PointerGetDatum(construct_array(values, list_length(ids), TEXTOID, -1, false, TYPALIGN_INT));
}

/* The result of a call, out of arguments from the third on. */
static HttpResult
result_argument(FunctionCallInfo fcinfo)
{
	static const char *const words[] = {
		"answered", "unresolved", "unreachable", "tls", "timeout", "cut", "too large", "no memory", "local"
	};
	HttpResult	result = {.content_type = "", .body = "", .detail = ""};
	const char *failure = text_argument(fcinfo, 5);

	result.failure = (HttpFailure) word_place(failure ? failure : "answered", words, lengthof(words), "failure");
	result.may_have_arrived = !PG_ARGISNULL(6) && PG_GETARG_BOOL(6);
	result.status = PG_ARGISNULL(2) ? 0 : PG_GETARG_INT32(2);
	if (!PG_ARGISNULL(3))
		result.content_type = text_argument(fcinfo, 3);
	if (!PG_ARGISNULL(4))
	{
		bytea	   *body = PG_GETARG_BYTEA_PP(4);

		result.body = VARDATA_ANY(body);
		result.length = VARSIZE_ANY_EXHDR(body);
	}
	return result;
}

Datum
ootspg_read_gateway_answer(PG_FUNCTION_ARGS)
{
	HttpResult	result = result_argument(fcinfo);
	GatewayAnswer *answer = gateway_read(operation_argument(fcinfo), text_argument(fcinfo, 1), &result);
	TupleDesc	descriptor;
	Datum		values[15] = {0};
	bool		nulls[15] = {false};
	int			n = 0;

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");

#define TEXT_COLUMN(text) \
	do { \
		const char *text_ = (text); \
		nulls[n] = text_ == NULL; \
		values[n++] = text_ ? CStringGetTextDatum(text_) : (Datum) 0; \
	} while (0)
#define LIST_COLUMN(list, datum) \
	do { \
		nulls[n] = (list) == NIL; \
		values[n++] = (list) != NIL ? datum(list) : (Datum) 0; \
	} while (0)

	TEXT_COLUMN(answer->trouble->name);
	TEXT_COLUMN(answer->trouble->sqlstate != 0 ? unpack_sql_state(answer->trouble->sqlstate) : NULL);
	values[n++] = BoolGetDatum(answer->outcome_unknown);
	TEXT_COLUMN(answer->fault_code);
	TEXT_COLUMN(answer->detail);
	LIST_COLUMN(answer->message_ids, ids_datum);
	TEXT_COLUMN(answer->status);
	LIST_COLUMN(answer->errors, errors_datum);
	TEXT_COLUMN(answer->submitted_id);
	nulls[n] = answer->header == NULL;
	values[n++] = answer->header ? bytes_datum(answer->header, answer->header_length) : (Datum) 0;
	TEXT_COLUMN(answer->message_id);
	TEXT_COLUMN(answer->from_party);
	TEXT_COLUMN(answer->from_party_type);
	LIST_COLUMN(answer->parts, parts_datum);
	values[n++] = BoolGetDatum(answer->speaks_5_2);
#undef TEXT_COLUMN
#undef LIST_COLUMN

	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls)));
}

static const char *
scope_word(TroubleScope scope)
{
	switch (scope)
	{
		case SCOPE_NONE:
			break;
		case SCOPE_MESSAGE:
			return "message";
		case SCOPE_ACCESS_POINT:
			return "access point";
		case SCOPE_STOP:
			return "stop";
	}
	return "none";
}

Datum
ootspg_gateway_troubles(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int class = TROUBLE_NONE; class <= TROUBLE_NO_MEMORY; class++)
	{
		const Trouble *trouble = trouble_of((TroubleClass) class);
		Datum		values[6] = {0};
		bool		nulls[6] = {false};

		values[0] = CStringGetTextDatum(trouble->name);
		nulls[1] = trouble->sqlstate == 0;
		if (!nulls[1])
			values[1] = CStringGetTextDatum(unpack_sql_state(trouble->sqlstate));
		values[2] = CStringGetTextDatum(scope_word(trouble->scope));
		values[3] = BoolGetDatum(trouble->permanent);
		values[4] = CStringGetTextDatum(trouble->text);
		nulls[5] = trouble->hint == NULL;
		if (!nulls[5])
			values[5] = CStringGetTextDatum(trouble->hint);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
