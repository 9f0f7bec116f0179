/*
 * objects.c
 *		A submission as rows: its registry objects and associations, what each is
 *		about, and its content in a form that compares (fragments, differences).
 *		Nothing is judged here; rules are.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "compat.h"
#include "directory/submission.h"
#include "errors.h"
#include "xml/canon.h"

PG_FUNCTION_INFO_V1(ootspg_submission_objects);

#define CLASSIFICATIONS "/evidencetypeclassifications/"

/* The element in the slot of a registry object; NULL in an association. */
static const XmlNode *
content_of(const XmlNode *object)
{
	const XmlNode *slot = xml_child(object, NS_RIM, "Slot");
	const XmlNode *value = slot ? xml_child(slot, NS_RIM, "SlotValue") : NULL;

	return value ? xml_first(value) : NULL;
}

/* scheme::value, or the value alone */
static char *
identifier_of(const XmlNode *holder)
{
	const XmlNode *identifier = xml_child(holder, NS_SDG, "Identifier");
	char	   *scheme;

	if (identifier == NULL)
		return NULL;
	scheme = xml_attribute_trimmed(identifier, NULL, "schemeID");
	return scheme ? psprintf("%s::%s", scheme, xml_trimmed(identifier)) : xml_trimmed(identifier);
}

/*
 * What the object is about, independent of its registry id. A provider of the
 * two-object model is told by its access service and line too: it has one object for each.
 */
static char *
natural_identifier(const XmlNode *content)
{
	const XmlNode *publisher = xml_child(content, NS_SDG, "Publisher");
	const XmlNode *classification = xml_child(content, NS_SDG, "EvidenceTypeClassification");
	char	   *identifier = identifier_of(content);
	StringInfoData name;

	if (publisher == NULL)
		return identifier != NULL || classification == NULL ? identifier : xml_trimmed(classification);
	initStringInfo(&name);
	appendStringInfo(&name, "%s behind %s", identifier_of(publisher), identifier ? identifier : "nothing");
	for (const XmlNode *line = xml_child(content, NS_SDG, "ConformsTo"); line != NULL;
		 line = xml_next_same(line, NS_SDG, "ConformsTo"))
		appendStringInfo(&name, " %s", xml_trimmed(line));
	return name.data;
}

/* The countries it speaks of: addresses, jurisdictions, the country of a classification. */
static void
collect_countries(const XmlNode *node, ArrayBuildState **countries)
{
	for (const XmlNode *child = xml_first(node); child != NULL; child = xml_next(child))
	{
		char	   *country = NULL;

		if (xml_is(child, NS_SDG, "AdminUnitLevel1"))
			country = xml_trimmed(child);
		else if (xml_is(child, NS_SDG, "EvidenceTypeClassification"))
		{
			country = strstr(xml_trimmed(child), CLASSIFICATIONS);
			country = country ? pnstrdup(country + strlen(CLASSIFICATIONS), 2) : NULL;
			/* …/EU/… and …/oots/… belong to no state */
			if (country && (strcmp(country, "EU") == 0 || strcmp(country, "oo") == 0))
				country = NULL;
		}
		if (country != NULL)
			*countries = accumArrayResult(*countries, CStringGetTextDatum(country), false, TEXTOID, CurrentMemoryContext);
		collect_countries(child, countries);	/* no deeper than the scan allows */
	}
}

static void
put_text(Datum *values, bool *nulls, int column, const char *text)
{
	nulls[column] = text == NULL;
	values[column] = text ? CStringGetTextDatum(text) : (Datum) 0;
}

static void
put_object(ReturnSetInfo *result, const XmlNode *object, int place)
{
	const XmlNode *content = content_of(object);
	const XmlNode *classification = xml_child(object, NS_RIM, "Classification");
	const char *scheme = classification ? xml_attribute_trimmed(classification, NULL, "classificationScheme") : NULL;
	const char *type = xml_xsi_type_local(object);
	bool		association = type != NULL && strcmp(type, "AssociationType") == 0;
	ArrayBuildState *countries = NULL;
	StringInfoData bytes;
	CanonWriter *w;
	Datum		values[9];
	bool		nulls[9] = {0};

	values[0] = Int32GetDatum(place);
	put_text(values, nulls, 1, association ? submission_association_service(object) : submission_scheme_service(scheme));
	put_text(values, nulls, 2, association ? submission_association_type(object) :
			 classification ? xml_attribute_trimmed(classification, NULL, "classificationNode") : NULL);
	put_text(values, nulls, 3, xml_attribute_trimmed(object, NULL, "id"));
	put_text(values, nulls, 4, content ? natural_identifier(content) : NULL);
	put_text(values, nulls, 5, xml_attribute_trimmed(object, NULL, "sourceObject"));
	put_text(values, nulls, 6, xml_attribute_trimmed(object, NULL, "targetObject"));
	if (content != NULL)
		collect_countries(object, &countries);
	nulls[7] = countries == NULL;
	values[7] = countries ? makeArrayResult(countries, CurrentMemoryContext) : (Datum) 0;
	initStringInfo(&bytes);
	w = canon_begin(&bytes);
	canon_tidy(w, object);
	canon_end(w);
	values[8] = PointerGetDatum(submission_bytea(&bytes));
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum
ootspg_submission_objects(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	XmlDocument *message = xml_read_or_raise(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes), "submission");
	const XmlNode *root = xml_root(message);
	const XmlNode *list;
	int			place = 0;
	MemoryContext scratch;
	MemoryContext old;

	InitMaterializedSRF(fcinfo, 0);
	if (!xml_is(root, NS_LCM, "SubmitObjectsRequest"))
		ereport(ERROR, errcode(ERRCODE_OOTS_UNREADABLE),
				errmsg("document is no submission"),
				errhint("Its root element is SubmitObjectsRequest of RegRep 4.0."));
	scratch = AllocSetContextCreate(CurrentMemoryContext, "ootspg object", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(scratch);
	list = xml_child(root, NS_RIM, "RegistryObjectList");
	for (const XmlNode *object = list ? xml_child(list, NS_RIM, "RegistryObject") : NULL; object != NULL;
		 object = xml_next_same(object, NS_RIM, "RegistryObject"))
	{
		put_object((ReturnSetInfo *) fcinfo->resultinfo, object, ++place);
		MemoryContextReset(scratch);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
	xml_release(message);
	return (Datum) 0;
}
