/*
 * filing.c
 *		Answers of directories: read here, filed by sql/ootspg/directory/registration.sql. An
 *		rs:RegistryResponse says whether a submission was taken as a whole; which
 *		submission it means is told by its requestId, or else by the message layer.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "compat.h"
#include "directory/filing.h"
#include "message/header.h"
#include "query.h"
#include "xml/read.h"

PG_FUNCTION_INFO_V1(ootspg_read_registry_response);

#define MAX_CODES 100

bool
directory_file_answers(void)
{
	query_run("SELECT ootspg_internal.file_directory_answers()", NULL, false, 0, SPI_OK_SELECT);
	return query_run("SELECT FROM ootspg_internal.inbox_queue WHERE state <> 'waiting' AND state = 'directory'", NULL, false, 1, SPI_OK_SELECT) == 0;
}

static void
put_text(Datum *values, bool *nulls, int i, const char *text)
{
	nulls[i] = text == NULL;
	if (text != NULL)
		values[i] = CStringGetTextDatum(text);
}

/* The codes of its exceptions, in their order. */
static void
put_codes(Datum *values, bool *nulls, int i, const XmlNode *response)
{
	Datum		codes[MAX_CODES];
	int			count = 0;

	for (XmlNode *node = xml_child(response, NS_RS, "Exception"); node != NULL && count < MAX_CODES;
		 node = xml_next_same(node, NS_RS, "Exception"))
	{
		const char *code = xml_attribute_trimmed(node, NULL, "code");

		codes[count++] = CStringGetTextDatum(code ? code : "");
	}
	nulls[i] = count == 0;
	if (count > 0)
		values[i] = PointerGetDatum(construct_array(codes, count, TEXTOID, -1, false, TYPALIGN_INT));
}

static XmlDocument *
read_argument(FunctionCallInfo fcinfo, int i)
{
	bytea	   *bytes;
	XmlFault	fault;

	if (PG_ARGISNULL(i))
		return NULL;
	bytes = PG_GETARG_BYTEA_PP(i);
	return xml_read(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes), &fault);
}

Datum
ootspg_read_registry_response(PG_FUNCTION_ARGS)
{
	XmlDocument *message = read_argument(fcinfo, 0);
	XmlDocument *body = read_argument(fcinfo, 1);
	const XmlNode *response = body ? xml_root(body) : NULL;
	const Header *header = message ? header_read(message) : NULL;
	TupleDesc	descriptor;
	Datum		values[5] = {0};
	bool		nulls[5] = {true, true, true, true, true};

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (response != NULL && xml_is(response, NS_RS, "RegistryResponse"))
	{
		put_text(values, nulls, 0, xml_attribute_trimmed(response, NULL, "requestId"));
		put_text(values, nulls, 1, xml_attribute_trimmed(response, NULL, "status"));
		put_codes(values, nulls, 2, response);
		put_text(values, nulls, 3, header ? header->ref_to_message_id : NULL);
		put_text(values, nulls, 4, header ? header->conversation_id : NULL);
	}
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls));
}
