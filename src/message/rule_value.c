/*
 * rule_value.c
 *		Tests of values and nodes that rules name in their tables: code lists and
 *		shapes, seen from the line being run.
 */
#include "postgres.h"

#include "message/rule_shared.h"
#include "message/shape.h"

bool
value_filled(const RuleRun *run, const char *value)
{
	return value[strspn(value, " \t\r\n")] != '\0';
}

bool
value_uuid(const RuleRun *run, const char *value)
{
	return shape_uuid(value);
}

bool
value_urn_uuid(const RuleRun *run, const char *value)
{
	return shape_urn_uuid(run->line, value);
}

bool
value_date(const RuleRun *run, const char *value)
{
	return shape_date(run->line, value);
}

bool
value_date_time(const RuleRun *run, const char *value)
{
	return shape_date_time(value);
}

bool
value_boolean(const RuleRun *run, const char *value)
{
	return strcmp(value, "true") == 0 || strcmp(value, "false") == 0 ||
		strcmp(value, "1") == 0 || strcmp(value, "0") == 0;
}

bool
value_https(const RuleRun *run, const char *value)
{
	return shape_https(run->line, value);
}

bool
value_specification(const RuleRun *run, const char *value)
{
	return strcmp(value, line_traits(run->line)->identifier) == 0;
}

bool
value_country(const RuleRun *run, const char *value)
{
	return code_in(CODES_COUNTRY, run->line, value);
}

bool
value_language(const RuleRun *run, const char *value)
{
	return code_in(CODES_LANGUAGE, run->line, value);
}

bool
value_nuts(const RuleRun *run, const char *value)
{
	return code_in(CODES_NUTS, run->line, value);
}

bool
value_media_type(const RuleRun *run, const char *value)
{
	return code_in(CODES_MEDIA_TYPE, run->line, value);
}

bool
value_level(const RuleRun *run, const char *value)
{
	return code_in(CODES_LEVEL_OF_ASSURANCE, run->line, value);
}

/* 00, the system check, stands outside the list (EDM §7). */
bool
value_procedure(const RuleRun *run, const char *value)
{
	return code_in(CODES_PROCEDURE, run->line, value) ||
		(run->line != EDM_V10 && strcmp(value, "00") == 0);
}

bool
value_identifier_scheme(const RuleRun *run, const char *value)
{
	return code_in(CODES_IDENTIFIER_SCHEME, run->line, value);
}

/* The published assertion knows eidas only; eidas2 is for tests (EDM §1.4.7). */
bool
value_person_scheme(const RuleRun *run, const char *value)
{
	return strcmp(value, "eidas") == 0 ||
		(run->accept_eidas2 && run->line == EDM_V20 && strcmp(value, "eidas2") == 0);
}

bool
value_person_identifier(const RuleRun *run, const char *value)
{
	return shape_person_identifier(value);
}

bool
value_person_identifier_v10(const RuleRun *run, const char *value)
{
	return shape_person_identifier_v10(value);
}

/* raw, but the 1.0 rule normalises (C027) */
bool
value_classification(const RuleRun *run, const char *value)
{
	return shape_classification(run->line, run->line == EDM_V10 ? xml_normalize(value) : value);
}

bool
value_data_model(const RuleRun *run, const char *value)
{
	return shape_data_model(run->line, value);
}

static bool
has_format(const XmlNode *distribution, const char *const *formats)
{
	ListCell   *cell;

	foreach(cell, nodes_below(distribution, "sdg:Format"))
	{
		char	   *format = xml_trimmed(lfirst(cell));

		for (const char *const *known = formats; *known != NULL; known++)
			if (strcmp(format, *known) == 0)
				return true;
	}
	return false;
}

bool
node_is_structured(const RuleRun *run, const XmlNode *distribution)
{
	return has_format(distribution, WORDS("application/xml", "application/json"));
}

bool
node_is_unstructured(const RuleRun *run, const XmlNode *distribution)
{
	return has_format(distribution, WORDS("application/pdf", "image/jpeg", "image/png", "image/svg+xml"));
}

bool
node_is_eidas(const RuleRun *run, const XmlNode *identifier)
{
	char	   *scheme = xml_attribute(identifier, NULL, "schemeID");

	return scheme != NULL && strcmp(scheme, "eidas") == 0;
}
