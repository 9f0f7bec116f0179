/*
 * document.c
 *		From the document column's value to the bytes of the evidence, by the
 *		column's type; checked against the declared media type (D-MOD-11) and the
 *		data model (D-MOD-02) before anything is sealed.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "compat.h"
#include "errors.h"
#include "evidence/composite.h"
#include "evidence/document.h"
#include "settings.h"
#include "xml/canon.h"
#include "xml/read.h"
#include "xml/schema.h"

/* What a document is made from. */
typedef enum Source
{
	SOURCE_COMPOSITE, SOURCE_XML, SOURCE_JSON, SOURCE_JSONB, SOURCE_BYTEA, SOURCE_OTHER
} Source;

static Source
source_of(Oid base)
{
	switch (base)
	{
		case XMLOID:
			return SOURCE_XML;
		case JSONOID:
			return SOURCE_JSON;
		case JSONBOID:
			return SOURCE_JSONB;
		case BYTEAOID:
			return SOURCE_BYTEA;
		case RECORDOID:
			return SOURCE_COMPOSITE;
		default:
			return get_typtype(base) == TYPTYPE_COMPOSITE ? SOURCE_COMPOSITE : SOURCE_OTHER;
	}
}

static bool
can_be(Source source, const char *media_type)
{
	bool		xml = strcmp(media_type, "application/xml") == 0;

	switch (source)
	{
		case SOURCE_COMPOSITE:
			return xml;
		case SOURCE_XML:
			return xml || strcmp(media_type, "image/svg+xml") == 0;
		case SOURCE_JSON:
		case SOURCE_JSONB:
			return strcmp(media_type, "application/json") == 0;
		default:
			return true;
	}
}

/* What type, media type and model say before a value is looked at. */
static Source
check_combination(Oid base, const char *column, const char *media_type, const DataModel *model)
{
	Source		source = source_of(base);

	if (source == SOURCE_OTHER)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("document column \"%s\" has type %s", column, format_type_be(base)),
				 errhint("Make it a composite type, xml, json, jsonb or bytea; text becomes bytea by convert_to(…, 'UTF8').")));
	if (!can_be(source, media_type))
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("document column \"%s\" of type %s cannot be %s",
						column, format_type_be(base), media_type),
				 errhint("Composite values become application/xml, xml also image/svg+xml, json and jsonb application/json; bytea may be any of the media types.")));
	if (source == SOURCE_COMPOSITE && model == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("document column \"%s\" is composite but has no data model", column),
				 errhint("Name its root element with ootspg.install_data_model(), and the model in the distribution.")));
	if (model != NULL && model->schema != NULL && strcmp(media_type, "application/xml") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("document column \"%s\" is %s but its data model has an XML Schema", column, media_type),
				 errhint("Use a data model without schema.")));
	return source;
}

const char *
document_structured_type(Oid base)
{
	return base == JSONOID || base == JSONBOID ? "application/json" : "application/xml";
}

void
document_check_type(Oid type, const char *column, const char *media_type, const DataModel *model)
{
	Oid			base = getBaseType(type);

	if (check_combination(base, column, media_type, model) != SOURCE_COMPOSITE)
		return;
	if (base == RECORDOID)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("document column \"%s\" is an anonymous row", column),
				 errhint("Create a composite type and cast the row to it.")));
	composite_check(base, column, model);
}

/* XML that others wrote, readable within the limits. */
static XmlDocument *
read_xml(const char *bytes, size_t length, const char *column)
{
	XmlFault	fault;
	XmlDocument *document = xml_read(bytes, length, &fault);

	if (document == NULL)
		ereport(ERROR,
				(errcode(fault.sqlstate == ERRCODE_OOTS_LIMIT ? ERRCODE_OOTS_LIMIT : ERRCODE_OOTS_EVIDENCE),
				 errmsg("document column \"%s\" does not hold an XML document", column),
				 fault.line > 0 ? errdetail("Line %d: %s.", fault.line, fault.reason)
				 : errdetail("Reason: %s.", fault.reason),
				 errhint("Correct the value, or leave its row out in the view.")));
	return document;
}

static bool
has_root(const char *media_type, const DataModel *model)
{
	return model != NULL && strcmp(media_type, "application/xml") == 0;
}

static void
refuse_root(const char *column, const DataModel *model)
{
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_EVIDENCE),
			 errmsg("document column \"%s\" does not have its data model's root element", column),
			 errhint("Data model \"%s\" version %s begins with element \"%s\" of namespace \"%s\".",
					 model->model, model->version, model->root, model->namespace)));
}

static void
check_root(const XmlDocument *document, const char *column, const char *media_type, const DataModel *model)
{
	if (has_root(media_type, model) && !xml_is(xml_root(document), model->namespace, model->root))
		refuse_root(column, model);
}

static bool
is_text(const char *bytes, size_t length, const char *text)
{
	return strlen(text) == length && memcmp(bytes, text, length) == 0;
}

/* The same of text that was seen to be canonical: nobody has to parse it. */
static void
check_recognised_root(const CanonRoot *root, const char *column, const char *media_type, const DataModel *model)
{
	if (has_root(media_type, model) &&
		!(is_text(root->uri, root->uri_length, model->namespace) && is_text(root->local, root->local_length, model->root)))
		refuse_root(column, model);
}

/* What is no document, or one that does something by itself, would be refused abroad: it is here already (D-MOD-11). */
static void
check_media_type(const char *bytes, size_t length, const char *column, const char *media_type)
{
	const char *fault;

	if (!media_type_fits(media_type, bytes, length))
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_EVIDENCE),
				 errmsg("content of document column \"%s\" is not %s", column, media_type),
				 errhint("Correct the value, or the media type of the distribution.")));
	if (oots_send_broken_documents)
		return;
	fault = media_fault(media_type, bytes, length);
	if (fault != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_EVIDENCE),
				 errmsg("content of document column \"%s\" cannot leave: %s", column, fault),
				 errhint("Correct the value. Until then ootspg.send_broken_documents lets such documents leave.")));
}

/* Whether nonconforming evidence may go out with a readable version only is the
 * configuration's matter: it then names no model (D-MOD-02). */
static void
check_schema(const char *bytes, size_t length, const char *column, const DataModel *model)
{
	char	   *where;

	if (model == NULL || model->schema == NULL)
		return;
	if (!schema_accepts(model->schema_sha256, model->schema, model->schema_length,
						bytes, length, &where))
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_EVIDENCE),
				 errmsg("document column \"%s\" is not valid against data model \"%s\" version %s",
						column, model->model, model->version),
				 errdetail("The first fault is at %s.", where),
				 errhint("Correct the value or the view that builds it.")));
}

static void
append_limited(StringInfo out, const char *bytes, size_t length, const char *column)
{
	if (length > (size_t) oots_max_evidence_kb * 1024)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_LIMIT),
				 errmsg("document of column \"%s\" is larger than ootspg.max_evidence_size", column)));
	appendBinaryStringInfo(out, bytes, length);
}

/* XML within the limits and of the model's root element; parsed, or NULL where it was seen to be canonical as it stands. */
static XmlDocument *
check_xml(const char *bytes, size_t length, const char *column, const char *media_type, const DataModel *model)
{
	XmlDocument *document;
	CanonRoot	root;

	if (canon_recognise(bytes, length, &root))
	{
		check_recognised_root(&root, column, media_type, model);
		return NULL;
	}
	document = read_xml(bytes, length, column);
	check_root(document, column, media_type, model);
	return document;
}

static void
build_xml(Datum value, const char *column, const char *media_type, const DataModel *model, StringInfo out)
{
	/* xml_out() drops the declared encoding, which is no longer the text's */
	char	   *text = DatumGetCString(DirectFunctionCall1(xml_out, value));
	size_t		length = strlen(text);
	XmlDocument *document = check_xml(text, length, column, media_type, model);
	StringInfo	canonical;

	if (strcmp(media_type, "application/xml") != 0)
		check_media_type(text, length, column, media_type);
	if (document == NULL)
	{
		append_limited(out, text, length, column);
		return;
	}
	canonical = canon_from_document(document, "document");
	xml_release(document);
	append_limited(out, canonical->data, canonical->len, column);
}

/* Bytes stay what they are, also XML: it may be sealed already (D-SIG-02). */
static void
build_bytes(bytea *bytes, const char *column, const char *media_type, const DataModel *model, StringInfo out)
{
	const char *content = VARDATA_ANY(bytes);
	size_t		length = VARSIZE_ANY_EXHDR(bytes);

	append_limited(out, content, length, column);
	if (strcmp(media_type, "application/xml") == 0)
		xml_release(check_xml(content, length, column, media_type, model));
	else
		check_media_type(content, length, column, media_type);
}

/* A lone value, null above all, is the slip of a view: nobody abroad makes sense of it. */
static void
check_json(const char *bytes, size_t length, const char *column)
{
	size_t		i = 0;

	while (i < length && strchr(" \t\r\n", bytes[i]) != NULL)
		i++;
	if (i == length || (bytes[i] != '{' && bytes[i] != '['))
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_EVIDENCE),
				 errmsg("document column \"%s\" holds JSON that is neither an object nor an array", column),
				 errhint("Where there is no document, let the column be NULL, not the JSON value null.")));
}

static void
build_by_source(Source source, Datum value, const char *column, const char *media_type,
				const DataModel *model, StringInfo out)
{
	switch (source)
	{
		case SOURCE_COMPOSITE:
			composite_build(value, column, model, out);
			break;
		case SOURCE_XML:
			build_xml(value, column, media_type, model, out);
			break;
		case SOURCE_JSON:
			{
				text	   *json = DatumGetTextPP(value);

				append_limited(out, VARDATA_ANY(json), VARSIZE_ANY_EXHDR(json), column);
				break;
			}
		case SOURCE_JSONB:
			{
				Jsonb	   *jsonb = DatumGetJsonbP(value);
				char	   *json = JsonbToCString(NULL, &jsonb->root, VARSIZE(jsonb));

				append_limited(out, json, strlen(json), column);
				break;
			}
		default:
			build_bytes(DatumGetByteaPP(value), column, media_type, model, out);
	}
}

size_t
document_room(Datum value, Oid type)
{
	Oid			base = getBaseType(type);
	int			growth = get_typtype(base) == TYPTYPE_COMPOSITE || base == JSONBOID ? 4 : 1;	/* tags and quotes */

	/* any other type is refused */
	return get_typlen(base) == -1 ? Min(growth * toast_raw_datum_size(value), (Size) oots_max_evidence_kb * 1024) : 0;
}

void
document_build(Datum value, Oid type, const char *column, const char *media_type,
			   const DataModel *model, StringInfo out, bool *canonical_xml)
{
	int			start = out->len;
	Source		source = check_combination(getBaseType(type), column, media_type, model);

	/* one document leaves nothing behind but its bytes: answers hold many */
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "ootspg document",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);

	build_by_source(source, value, column, media_type, model, out);
	if (strcmp(media_type, "application/json") == 0)
		check_json(out->data + start, out->len - start, column);
	check_schema(out->data + start, out->len - start, column, model);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	*canonical_xml = source == SOURCE_COMPOSITE || source == SOURCE_XML;
}
