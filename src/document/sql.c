/*
 * sql.c
 *		Documents for the DBA and for the preview: the document that a value becomes,
 *		structured or readable, and the fields and codes of a data model with the labels found where it is defined.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

#include "compat.h"
#include "document/document.h"
#include "document/found.h"
#include "errors.h"
#include "evidence/composite.h"
#include "evidence/document.h"
#include "evidence/model.h"

PG_FUNCTION_INFO_V1(ootspg_document);
PG_FUNCTION_INFO_V1(ootspg_html_rendering);
PG_FUNCTION_INFO_V1(ootspg_schema_labels);
PG_FUNCTION_INFO_V1(ootspg_type_labels);

/* The model of a call, read once for the rows of a query. */
static const DataModel *
model_of_call(FunctionCallInfo fcinfo)
{
	const DataModel *known = fcinfo->flinfo->fn_extra;
	char	   *name,
			   *version;
	MemoryContext caller;

	if (PG_ARGISNULL(2) != PG_ARGISNULL(3))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model and version go together")));
	if (PG_ARGISNULL(2))
		return NULL;
	name = text_to_cstring(PG_GETARG_TEXT_PP(2));
	version = text_to_cstring(PG_GETARG_TEXT_PP(3));
	if (known != NULL && strcmp(known->model, name) == 0 && strcmp(known->version, version) == 0)
		return known;

	caller = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	known = data_model_load(name, version, EDM_NONE);
	MemoryContextSwitchTo(caller);
	if (known == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("there is no data model \"%s\" version %s", name, version),
				 errhint("Install it with ootspg.install_data_model().")));
	fcinfo->flinfo->fn_extra = (void *) known;
	return known;
}

/* One language, or two that are to stand side by side. */
static void
read_languages(ArrayType *array, DocumentSource *source)
{
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		char	   *language = nulls[i] ? NULL : document_language(TextDatumGetCString(elements[i]));

		if (language == NULL || i == 2)
			ereport(ERROR,
					(errcode(ERRCODE_OOTS_CONFIGURATION),
					 errmsg("languages of a document are not understood"),
					 errhint("Give one code of two letters, as in ARRAY['LV'], or two that are to stand side by side.")));
		source->languages[i] = language;
	}
}

/* Arguments that the functions have in common: languages, then facts. */
static void
read_manner(FunctionCallInfo fcinfo, int first, bool strict, DocumentSource *source)
{
	/* the function of 0.2.0 has neither */
	if (PG_NARGS() <= first)
		return;
	if (!PG_ARGISNULL(first))
		read_languages(PG_GETARG_ARRAYTYPE_P(first), source);
	facts_read(PG_ARGISNULL(first + 1) ? NULL : PG_GETARG_JSONB_P(first + 1), strict, source);
}

/* Is it to be made readable, not only to be what it is? Bytes declared PDF are a PDF. */
static bool
is_generated(Oid base, const char *media_type)
{
	if (strcmp(media_type, DOCUMENT_HTML) == 0)
		return true;
	return strcmp(media_type, DOCUMENT_PDF) == 0 && base != BYTEAOID;
}

/* The structured media type that a value of the type has; bytes tell by their beginning. */
static const char *
structured_type(Oid base, Datum value)
{
	if (base == JSONOID || base == JSONBOID)
		return "application/json";
	if (base == BYTEAOID)
	{
		bytea	   *bytes = DatumGetByteaPP(value);
		const char *p = VARDATA_ANY(bytes);
		const char *end = p + VARSIZE_ANY_EXHDR(bytes);

		while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
			p++;
		if (p < end && (*p == '{' || *p == '['))
			return "application/json";
	}
	return "application/xml";
}

static StringInfo
generate(FunctionCallInfo fcinfo, Oid base, const char *media_type, const DataModel *model)
{
	DocumentSource source = {0};
	StringInfo	instance = makeStringInfo();
	Datum		value = PG_GETARG_DATUM(0);
	bool		composite = get_typtype(base) == TYPTYPE_COMPOSITE || base == RECORDOID;
	bool		canonical;

	source.media_type = structured_type(base, value);
	if (model != NULL)
	{
		source.model = model->model;
		source.version = model->version;
	}
	else if (composite)
	{
		model = composite_own_model(base);
		source.type = base != RECORDOID ? base : InvalidOid;
	}
	read_manner(fcinfo, 4, true, &source);
	document_build(value, base, "value", source.media_type, model, instance, &canonical);
	source.content = instance->data;
	source.length = instance->len;
	if (strcmp(media_type, DOCUMENT_PDF) == 0)
		return document_pdf(&source);
	instance = makeStringInfo();
	appendStringInfoString(instance, document_html(&source));
	return instance;
}

Datum
ootspg_document(PG_FUNCTION_ARGS)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, 0);
	const DataModel *model;
	char	   *media_type;
	StringInfoData out;
	bool		canonical;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (!OidIsValid(type))
		elog(ERROR, "could not determine the type of the document");

	model = model_of_call(fcinfo);
	media_type = text_to_cstring(PG_GETARG_TEXT_PP(1));
	initStringInfo(&out);
	appendStringInfoSpaces(&out, VARHDRSZ);
	if (is_generated(getBaseType(type), media_type))
	{
		StringInfo	document = generate(fcinfo, getBaseType(type), media_type, model);

		appendBinaryStringInfo(&out, document->data, document->len);
	}
	else
		document_build(PG_GETARG_DATUM(0), type, "value", media_type, model, &out, &canonical);
	SET_VARSIZE(out.data, out.len);
	PG_RETURN_BYTEA_P(out.data);
}

/* model, version, media type, content, languages, facts */
Datum
ootspg_html_rendering(PG_FUNCTION_ARGS)
{
	DocumentSource source = {0};
	bytea	   *content;

	if (PG_ARGISNULL(2) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1))
	{
		source.model = text_to_cstring(PG_GETARG_TEXT_PP(0));
		source.version = text_to_cstring(PG_GETARG_TEXT_PP(1));
	}
	source.media_type = text_to_cstring(PG_GETARG_TEXT_PP(2));
	content = PG_GETARG_BYTEA_PP(3);
	source.content = VARDATA_ANY(content);
	source.length = VARSIZE_ANY_EXHDR(content);
	read_manner(fcinfo, 4, false, &source);
	PG_RETURN_TEXT_P(cstring_to_text(document_html(&source)));
}

static void
put_found(const FoundLabel *found, void *argument)
{
	ReturnSetInfo *result = argument;
	const char *form = form_name(found->form);
	Datum		values[5] = {0};
	bool		nulls[5] = {false, false, found->language == NULL, found->text == NULL, form == NULL};

	values[0] = CStringGetTextDatum(found->path);
	values[1] = CStringGetTextDatum(found->code);
	if (found->language != NULL)
		values[2] = CStringGetTextDatum(found->language);
	if (found->text != NULL)
		values[3] = CStringGetTextDatum(found->text);
	if (form != NULL)
		values[4] = CStringGetTextDatum(form);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum
ootspg_schema_labels(PG_FUNCTION_ARGS)
{
	bytea	   *schema = PG_GETARG_BYTEA_PP(0);
	char	   *root = text_to_cstring(PG_GETARG_TEXT_PP(1));

	InitMaterializedSRF(fcinfo, 0);
	found_in_schema(VARDATA_ANY(schema), VARSIZE_ANY_EXHDR(schema), root, put_found, fcinfo->resultinfo);
	return (Datum) 0;
}

Datum
ootspg_type_labels(PG_FUNCTION_ARGS)
{
	Oid			type = getBaseType(PG_GETARG_OID(0));
	char	   *root = text_to_cstring(PG_GETARG_TEXT_PP(1));

	if (get_typtype(type) != TYPTYPE_COMPOSITE)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("type %s is not composite", format_type_be(type)),
				 errhint("Name the composite type of the document column, or a view.")));
	InitMaterializedSRF(fcinfo, 0);
	found_in_type(type, root, PG_GETARG_BOOL(2), put_found, fcinfo->resultinfo);
	return (Datum) 0;
}
