/*
 * rule_service.c
 *		Tests of values and nodes by which data services are judged, wherever they
 *		stand: service_conditions.h names them. Numbers are those of submissions.
 */
#include "postgres.h"

#include "directory/rule_service.h"
#include "message/shape.h"

/* C001: the pattern of 1.0 has no ^. */
bool
value_uuid_end(const RuleRun *run, const char *value)
{
	size_t		length = strlen(value);

	return shape_uuid(run->line == EDM_V10 && length > 36 ? value + length - 36 : value);
}

bool
value_agent_scheme(const RuleRun *run, const char *value)
{
	return code_is_agent_scheme(run->line, value);
}

/* C023: oots-edm:v<major>.<minor>; until 1.0.6 and 1.1.1 it was one value. */
bool
value_edm_version(const RuleRun *run, const char *value)
{
	const char *digits = "0123456789";
	size_t		length;

	if (strncmp(value, "oots-edm:v", strlen("oots-edm:v")) != 0)
		return false;
	value += strlen("oots-edm:v");
	length = strspn(value, digits);
	if (length == 0 || value[length] != '.')
		return false;
	value += length + 1;
	length = strspn(value, digits);
	return length > 0 && value[length] == '\0';
}

bool
value_jurisdiction_level(const RuleRun *run, const char *value)
{
	const char *const *level = WORDS("Country", "NUTS1", "NUTS2", "NUTS3", "LAU");

	for (; *level != NULL; level++)
		if (strcmp(*level, value) == 0)
			return true;
	return false;
}

static bool
format_contains(const XmlNode *distribution, const char *word)
{
	const XmlNode *format = xml_child(distribution, NS_SDG, "Format");

	return format != NULL && strstr(xml_text(format), word) != NULL;
}

/* 1.0 looks for the letters, so that an SVG counts; later lines want no model of an image. */
bool
node_has_xml(const RuleRun *run, const XmlNode *distribution)
{
	return format_contains(distribution, "xml") && (run->line == EDM_V10 || !format_contains(distribution, "svg"));
}

bool
node_has_json(const RuleRun *run, const XmlNode *distribution)
{
	return format_contains(distribution, "json");
}

bool
node_has_transformation(const RuleRun *run, const XmlNode *distribution)
{
	return xml_count(distribution, NS_SDG, "Transformation") == 1;
}
