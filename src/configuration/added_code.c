/*
 * added_code.c
 *		The rows of ootspg.added_code, kept for the command that asks: a hostile message may hold
 *		many unknown codes, and an honest one none, which then costs nothing.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "configuration/added_code.h"
#include "query.h"

PG_FUNCTION_INFO_V1(ootspg_code_known);

typedef struct AddedCode
{
	CodeList	list;
	char	   *code;
} AddedCode;

/* Of this backend, until another command asks */
static MemoryContext kept = NULL;
static AddedCode *codes;
static int	code_count;
static TimestampTz kept_statement;
static CommandId kept_command;

static const struct
{
	const char *name;
	CodeList	list;
}			lists[] = {
	{"Procedures", CODES_PROCEDURE}, {"EAS", CODES_EAS}, {"CountryIdentificationCode", CODES_COUNTRY},
	{"OOTS_Country", CODES_OOTS_COUNTRY}, {"LanguageCode", CODES_LANGUAGE}, {"NUTS", CODES_NUTS},
	{"OOTSMediaTypes", CODES_MEDIA_TYPE}, {"IdentifierSchemes", CODES_IDENTIFIER_SCHEME}, {"Gender", CODES_GENDER}
};

static bool
list_by_name(const char *name, CodeList *list)
{
	for (int i = 0; i < (int) lengthof(lists); i++)
		if (strcmp(lists[i].name, name) == 0)
		{
			*list = lists[i].list;
			return true;
		}
	return false;
}

/* Objects of an earlier version of the extension may serve until they are updated. */
static bool
table_exists(void)
{
	return OidIsValid(get_relname_relid("added_code", get_namespace_oid("ootspg", true)));
}

static int
compare_codes(const void *a, const void *b)
{
	const AddedCode *one = a;
	const AddedCode *other = b;

	return one->list != other->list ? (int) one->list - (int) other->list : strcmp(one->code, other->code);
}

static void
read_rows(void)
{
	MemoryContext old;
	OwnerSwitch caller;
	uint64		rows;

	SPI_connect();
	owner_begin(&caller);
	rows = query_run("SELECT code_list, code FROM ootspg.added_code", NULL, true, 0, SPI_OK_SELECT);
	owner_end(&caller);
	old = MemoryContextSwitchTo(kept);
	codes = palloc((rows + 1) * sizeof(AddedCode));
	for (uint64 row = 0; row < rows; row++)
		if (list_by_name(query_text(row, 1), &codes[code_count].list))
			codes[code_count++].code = query_text(row, 2);
	MemoryContextSwitchTo(old);
	SPI_finish();
	qsort(codes, code_count, sizeof(AddedCode), compare_codes);
}

static void
keep(void)
{
	TimestampTz statement = GetCurrentStatementStartTimestamp();
	CommandId	command = GetCurrentCommandId(false);

	if (kept != NULL && kept_statement == statement && kept_command == command)
		return;
	if (kept == NULL)
		kept = AllocSetContextCreate(TopMemoryContext, "ootspg added codes", ALLOCSET_SMALL_SIZES);
	code_count = 0;
	kept_statement = 0;			/* an error below leaves nothing that would be believed */
	MemoryContextReset(kept);
	if (table_exists())
		read_rows();
	kept_statement = statement;
	kept_command = command;
}

bool
added_code(CodeList list, const char *value)
{
	AddedCode	wanted = {list, (char *) value};

	if (!IsTransactionState())
		return false;
	keep();
	return code_count > 0 && bsearch(&wanted, codes, code_count, sizeof(AddedCode), compare_codes) != NULL;
}

Datum
ootspg_code_known(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	EdmLine		line = line_from_identifier(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	char	   *code = text_to_cstring(PG_GETARG_TEXT_PP(2));
	CodeList	list;

	if (strcmp(name, "agent scheme") == 0)
		PG_RETURN_BOOL(line != EDM_NONE && code_is_agent_scheme(line, code));
	PG_RETURN_BOOL(line != EDM_NONE && list_by_name(name, &list) && code_in(list, line, code));
}
