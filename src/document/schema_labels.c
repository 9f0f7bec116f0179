/*
 * schema_labels.c
 *		What an XML Schema says of its elements and codes: xs:documentation with a
 *		language, on the element, the element it refers to, or its type; xs:enumeration.
 *		Elements are followed as an instance nests them, so that paths are those of instances. A
 *		schema may nest types without end, and so many ways that no machine counts them: a type
 *		within itself is not followed, and at a number of elements the search ends.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"

#include "compat.h"
#include "document/found.h"
#include "message/codelist.h"
#include "settings.h"
#include "xml/read.h"

#define NS_XSD "http://www.w3.org/2001/XMLSchema"

/* Published models have a few hundred. */
#define MAX_FIELDS 10000

/* What is longer explains a field and does not name it. */
#define MAX_LABEL 120

typedef struct Search
{
	const XmlNode *schema;
	FoundVisitor visit;
	void	   *argument;
	StringInfoData path;
	List	   *above;			/* types being followed */
	int			fields;
	ValueForm	form;			/* of the field whose type is looked at */
} Search;

static void follow_content(Search *search, const XmlNode *node);

static void
tell(Search *search, const char *code, const char *language, const char *text)
{
	FoundLabel	found = {search->path.data, code, language, text, search->form};

	search->visit(&found, search->argument);
}

/* "lv", "lv-LV" -> "LV"; NULL for what is no language of the list. */
static char *
language_of(const XmlNode *documentation)
{
	char	   *language = xml_attribute(documentation, NS_XML, "lang");

	if (language == NULL || strlen(language) < 2 || (language[2] != '\0' && language[2] != '-'))
		return NULL;
	language[0] = pg_ascii_toupper((unsigned char) language[0]);
	language[1] = pg_ascii_toupper((unsigned char) language[1]);
	language[2] = '\0';
	return code_in(CODES_LANGUAGE, EDM_V20, language) ? language : NULL;
}

/* The labels that a declaration bears; true when it has one. */
static bool
tell_annotation(Search *search, const XmlNode *declaration, const char *code)
{
	const XmlNode *annotation = declaration != NULL ? xml_child(declaration, NS_XSD, "annotation") : NULL;
	bool		told = false;

	if (annotation == NULL)
		return false;
	for (const XmlNode *d = xml_child(annotation, NS_XSD, "documentation"); d != NULL; d = xml_next_same(d, NS_XSD, "documentation"))
	{
		char	   *language = language_of(d);
		char	   *text = xml_normalized(d);

		if (language == NULL || *text == '\0' || strlen(text) > MAX_LABEL)
			continue;
		tell(search, code, language, text);
		told = true;
	}
	return told;
}

/* The global declaration that a name with or without prefix refers to; NULL for a type that is built in. */
static const XmlNode *
find_global(const Search *search, const XmlNode *at, const char *kind, const char *reference)
{
	const char *colon = reference != NULL ? strchr(reference, ':') : NULL;
	const char *local = colon != NULL ? colon + 1 : reference;

	if (reference == NULL || xml_prefix_is(at, colon != NULL ? pnstrdup(reference, colon - reference) : "", NS_XSD))
		return NULL;
	for (const XmlNode *node = xml_child(search->schema, NS_XSD, kind); node != NULL; node = xml_next_same(node, NS_XSD, kind))
	{
		const char *name = xml_attribute_trimmed(node, NULL, "name");

		if (name != NULL && strcmp(name, local) == 0)
			return node;
	}
	return NULL;
}

static ValueForm
built_in_form(const XmlNode *at, const char *type)
{
	const char *colon = type != NULL ? strchr(type, ':') : NULL;
	const char *local = colon != NULL ? colon + 1 : type;

	if (type == NULL || !xml_prefix_is(at, colon != NULL ? pnstrdup(type, colon - type) : "", NS_XSD))
		return FORM_UNKNOWN;
	if (strcmp(local, "decimal") == 0 || strcmp(local, "double") == 0 || strcmp(local, "float") == 0)
		return FORM_NUMBER;
	return strcmp(local, "boolean") == 0 ? FORM_TRUTH : FORM_UNKNOWN;
}

/* The type that an attribute names, or that stands within. */
static const XmlNode *
type_named(const Search *search, const XmlNode *at, const char *attribute)
{
	char	   *name = xml_attribute_trimmed(at, NULL, attribute);
	const XmlNode *type = find_global(search, at, "complexType", name);

	if (type == NULL)
		type = find_global(search, at, "simpleType", name);
	return type;
}

static const XmlNode *
type_of(const Search *search, const XmlNode *declaration)
{
	const XmlNode *type = type_named(search, declaration, "type");

	if (type == NULL)
		type = xml_child(declaration, NS_XSD, "complexType");
	return type != NULL ? type : xml_child(declaration, NS_XSD, "simpleType");
}

/* The simple type a restriction, extension or list stands on: its form. */
static ValueForm
simple_form(const Search *search, const XmlNode *type, int depth)
{
	for (const XmlNode *child = xml_first(type); child != NULL && depth > 0; child = xml_next(child))
	{
		ValueForm	form = built_in_form(child, xml_attribute_trimmed(child, NULL, "base"));
		const XmlNode *base = type_named(search, child, "base");

		if (form == FORM_UNKNOWN && base != NULL)
			form = simple_form(search, base, depth - 1);
		if (form == FORM_UNKNOWN && (xml_is(child, NS_XSD, "simpleContent") || xml_is(child, NS_XSD, "restriction")))
			form = simple_form(search, child, depth - 1);
		if (form != FORM_UNKNOWN)
			return form;
	}
	return FORM_UNKNOWN;
}

/* One code of a list. */
static void
tell_code(Search *search, const XmlNode *enumeration)
{
	char	   *code = xml_attribute(enumeration, NULL, "value");

	if (code == NULL || *code == '\0' || ++search->fields > MAX_FIELDS)
		return;
	tell(search, code, NULL, NULL);
	tell_annotation(search, enumeration, code);
}

/* A type, unless it is being followed already. */
static void
follow_type(Search *search, const XmlNode *type)
{
	if (type == NULL || list_member_ptr(search->above, type) || list_length(search->above) > oots_max_depth)
		return;
	search->above = lappend(search->above, (void *) type);
	follow_content(search, type);
	search->above = list_delete_last(search->above);
}

/* An element or attribute with what is in it. */
static void
follow_field(Search *search, const XmlNode *declaration, const char *kind, const char *mark)
{
	const XmlNode *target = find_global(search, declaration, kind, xml_attribute_trimmed(declaration, NULL, "ref"));
	const XmlNode *said = target != NULL ? target : declaration;
	char	   *name = xml_attribute_trimmed(said, NULL, "name");
	int			before = search->path.len;
	ValueForm	outer = search->form;
	const XmlNode *type;

	if (name == NULL || ++search->fields > MAX_FIELDS)
		return;
	type = type_of(search, said);
	appendStringInfo(&search->path, "%s%s%s", before > 0 ? "/" : "", mark, name);
	search->form = built_in_form(said, xml_attribute_trimmed(said, NULL, "type"));
	if (search->form == FORM_UNKNOWN && type != NULL)
		search->form = simple_form(search, type, 16);
	tell(search, "", NULL, NULL);
	if (!tell_annotation(search, declaration, "") && !(target != NULL && tell_annotation(search, target, "")))
		tell_annotation(search, type, "");
	follow_type(search, type);
	search->form = outer;
	search->path.len = before;
	search->path.data[before] = '\0';
}

static void
follow_content(Search *search, const XmlNode *node)
{
	check_stack_depth();
	for (const XmlNode *child = xml_first(node); child != NULL && search->fields <= MAX_FIELDS; child = xml_next(child))
	{
		CHECK_FOR_INTERRUPTS();
		if (strcmp(xml_namespace(child), NS_XSD) != 0 || xml_is(child, NS_XSD, "annotation"))
			continue;
		if (xml_is(child, NS_XSD, "element"))
			follow_field(search, child, "element", "");
		else if (xml_is(child, NS_XSD, "attribute"))
			follow_field(search, child, "attribute", "@");
		else if (xml_is(child, NS_XSD, "enumeration"))
			tell_code(search, child);
		else if (xml_is(child, NS_XSD, "group") || xml_is(child, NS_XSD, "attributeGroup"))
			follow_type(search, find_global(search, child, xml_local(child), xml_attribute_trimmed(child, NULL, "ref")));
		else
		{
			/* what is derived has what its base has; a restriction of complex content says all of it anew */
			if (xml_is(child, NS_XSD, "extension") ||
				(xml_is(child, NS_XSD, "restriction") && !xml_is(node, NS_XSD, "complexContent")))
				follow_type(search, type_named(search, child, "base"));
			follow_content(search, child);
		}
	}
}

void
found_in_schema(const char *xsd, size_t length, const char *root, FoundVisitor visit, void *argument)
{
	XmlDocument *document = xml_read_or_raise(xsd, length, "schema");
	Search		search = {.schema = xml_root(document),.visit = visit,.argument = argument};
	const XmlNode *declaration = find_global(&search, search.schema, "element", root);
	const XmlNode *type = NULL;

	if (declaration != NULL)
	{
		initStringInfo(&search.path);
		appendStringInfoString(&search.path, root);
		type = type_of(&search, declaration);
		tell(&search, "", NULL, NULL);
		if (!tell_annotation(&search, declaration, ""))
			tell_annotation(&search, type, "");
		resetStringInfo(&search.path);
		follow_type(&search, type);
	}
	xml_release(document);
}
