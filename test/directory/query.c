/*
 * query.c
 *		Read and check the parameters of queries.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "query.h"

#define DSD_QUERY "urn:fdc:oots:dsd:ebxml-regrep:queries:"
#define EB_QUERY "urn:fdc:oots:eb:ebxml-regrep:queries:"

typedef struct ParameterRule
{
	const char *name;			/* NULL ends a table */
	unsigned int versions;
	bool		required;
} ParameterRule;

static const ParameterRule dsd_parameters[] = {
	{"evidence-type-classification", ALL_VERSIONS, true},
	{"country-code", ALL_VERSIONS, true},
	{"specification", ALL_VERSIONS & ~V1_0, false},
	{"jurisdiction-admin-l2", V1_X, false},
	{"jurisdiction-admin-l3", V1_X, false},
	{"jurisdiction-context-id", V1_X, false},
	{"evidence-type-id", V1_X, false},
	{0}
};

static const ParameterRule requirement_parameters[] = {
	{"procedure-id", ALL_VERSIONS, false},
	{"country-code", ALL_VERSIONS, false},
	{"jurisdiction-admin-l2", V1_X, false},
	{"jurisdiction-admin-l3", V1_X, false},
	{"return-incomplete", V2_0, false},
	{0}
};

static const ParameterRule evidence_type_parameters[] = {
	{"requirement-id", ALL_VERSIONS, true},
	{"country-code", ALL_VERSIONS, false},
	{"jurisdiction-admin-l2", V1_X, false},
	{"jurisdiction-admin-l3", V1_X, false},
	{0}
};

typedef struct QueryKind
{
	Service		service;
	const char *id;
	const ParameterRule *rules;
	bool		concepts;		/* their ids are names of parameters too */
	void		(*run) (const Query *query, Answer *answer);
} QueryKind;

static const QueryKind query_kinds[] = {
	{SERVICE_DSD, DSD_QUERY "dataservices-by-evidencetype-and-jurisdiction", dsd_parameters, true, dsd_services},
	{SERVICE_EB, EB_QUERY "requirements-by-procedure-and-jurisdiction", requirement_parameters, false, eb_requirements},
	{SERVICE_EB, EB_QUERY "evidence-types-by-requirement-and-jurisdiction", evidence_type_parameters, false, eb_evidence_types},
};

static enum MHD_Result
read_parameter(void *to, enum MHD_ValueKind kind, const char *name, const char *value)
{
	Query	   *query = to;

	(void) kind;
	if (query->count < MAX_PARAMETERS)
		query->parameters[query->count++] = (Parameter) {copy_text(name), copy_text(value ? value : "")};
	return MHD_YES;
}

void
query_read(Query *query, struct MHD_Connection *connection)
{
	query->version = version_choose(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Accept-Version"));
	MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, read_parameter, query);
}

void
query_free(Query *query)
{
	for (int i = 0; i < query->count; i++)
	{
		free(query->parameters[i].name);
		free(query->parameters[i].value);
	}
	query->count = 0;
}

const char *
query_value(const Query *query, const char *name)
{
	for (int i = 0; i < query->count && name; i++)
	{
		if (strcmp(query->parameters[i].name, name) == 0)
			return query->parameters[i].value;
	}
	return NULL;
}

bool
query_knows(const Query *query, unsigned int versions)
{
	return (query->version->bit & versions) != 0;
}

bool
is_uuid(const char *text)
{
	for (int i = 0; i < 36; i++)
	{
		bool		dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !isxdigit((unsigned char) text[i]))
			return false;
	}
	return text[36] == '\0';
}

/* A unit of level 2 contains those whose code begins with its own. */
static bool
meets_jurisdiction(const Query *query, const xmlNode *jurisdiction)
{
	const char *region = query_value(query, "jurisdiction-admin-l2");
	const char *community = query_value(query, "jurisdiction-admin-l3");
	char	   *own_region = node_text(node_child(jurisdiction, NS_SDG, "AdminUnitLevel2"));
	char	   *own_community = node_text(node_child(jurisdiction, NS_SDG, "AdminUnitLevel3"));
	bool		meets = (!region || !own_region || strncmp(region, own_region, strlen(own_region)) == 0) &&
		(!community || !own_community || strcmp(community, own_community) == 0);

	free(own_region);
	free(own_community);
	return meets;
}

bool
query_meets(const Query *query, const xmlNode *place)
{
	bool		limited = false;

	for (xmlNode *child = node_first(place); child; child = node_next(child))
	{
		if (!node_is(child, NS_SDG, "Jurisdiction"))
			continue;
		if (meets_jurisdiction(query, child))
			return true;
		limited = true;
	}
	return !limited;
}

static const ParameterRule *
find_rule(const QueryKind *kind, const char *name)
{
	for (const ParameterRule *rule = kind->rules; rule->name; rule++)
	{
		if (strcmp(rule->name, name) == 0)
			return rule;
	}
	return NULL;
}

/* The name of the first parameter that is not as it should be, or NULL. */
static const char *
wrong_parameter(const Query *query, const QueryKind *kind)
{
	for (int i = 0; i < query->count; i++)
	{
		const char *name = query->parameters[i].name;
		const ParameterRule *rule = find_rule(kind, name);

		if (query_value(query, name) != query->parameters[i].value || *query->parameters[i].value == '\0')
			return name;
		if (rule ? !query_knows(query, rule->versions) : strcmp(name, "queryId") != 0 && !(kind->concepts && is_uuid(name)))
			return name;
	}
	for (const ParameterRule *rule = kind->rules; rule->name; rule++)
	{
		if (rule->required && query_value(query, rule->name) == NULL)
			return rule->name;
	}
	return NULL;
}

static bool
is_country(const char *code)
{
	return isupper((unsigned char) code[0]) && isupper((unsigned char) code[1]) && code[2] == '\0';
}

void
query_run(const Query *query, Answer *answer)
{
	const char *id = query_value(query, "queryId");
	const char *country = query_value(query, "country-code");
	const char *bad = query->service == SERVICE_DSD ? "DSD:ERR:0003" : "EB:ERR:0003";
	const char *wrong;
	const QueryKind *kind = NULL;

	for (size_t i = 0; i < lengthof(query_kinds); i++)
	{
		if (id && query_kinds[i].service == query->service && strcmp(query_kinds[i].id, id) == 0)
			kind = &query_kinds[i];
	}
	if (query->version == NULL)
		answer_refuse(answer, bad, "Accept-Version");
	else if (id == NULL)
		answer_refuse(answer, bad, "queryId");
	else if (kind == NULL)
		answer_refuse(answer, query->service == SERVICE_DSD ? "DSD:ERR:0004" : "EB:ERR:0007", id);
	else if ((wrong = wrong_parameter(query, kind)) != NULL)
		answer_refuse(answer, bad, wrong);
	else if (country && !is_country(country))
		answer_refuse(answer, query->service == SERVICE_DSD ? bad : "EB:ERR:0006", "country-code");
	else
		kind->run(query, answer);
}
