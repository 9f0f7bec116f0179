/*
 * rule_header.c
 *		Rules on the ebMS header, R-EDM-ebMS-* (EDM §2.5). The other published
 *		ids of this family have texts that were not seen (§2.6).
 */
#include "postgres.h"

#include "message/rule_shared.h"
#include "message/shape.h"

#define REGREP_TYPE "application/x-ebrs+xml"

static void
check_conversation(RuleRun *run, const void *argument)
{
	const Header *header = run->header;

	if (header->conversation_node == NULL)
		rule_fail(run, header->user_message);
	else if (!shape_uuid(xml_normalized(header->conversation_node)))
		rule_fail(run, header->conversation_node);
}

static const XmlNode *
properties_place(const Header *header)
{
	return header->properties_node ? header->properties_node : header->user_message;
}

/* Exactly these names: each once, no other (§2.5). The first header_properties belong to the line. */
static void
check_property_names(RuleRun *run, const void *argument)
{
	static const char *const names[] = {"originalSender", "finalRecipient", "ExchangeId", "SpecificationId"};
	int			count = line_traits(run->line)->header_properties;
	int			seen[lengthof(names)] = {0};
	ListCell   *cell;

	foreach(cell, run->header->properties)
	{
		const HeaderProperty *property = lfirst(cell);
		int			i = 0;

		while (i < count && strcmp(property->name, names[i]) != 0)
			i++;
		if (i == count || ++seen[i] > 1)
			rule_fail(run, property->node);
	}
	for (int i = 0; i < count; i++)
		if (seen[i] == 0)
		{
			rule_fail(run, properties_place(run->header));
			break;
		}
}

static void
check_property_count(RuleRun *run, const void *argument)
{
	if (list_length(run->header->properties) != line_traits(run->line)->header_properties)
		rule_fail(run, properties_place(run->header));
}

static void
check_single_part(RuleRun *run, const void *argument)
{
	if (run->kind != MESSAGE_RESPONSE && list_length(run->header->parts) != 1)
		rule_fail(run, run->header->user_message);
}

static bool
first_is_regrep(const RuleRun *run)
{
	const HeaderPart *part = linitial(run->header->parts);

	return part->mime_type != NULL && strcmp(part->mime_type, REGREP_TYPE) == 0;
}

static void
check_part_type(RuleRun *run, const void *argument)
{
	if (run->kind != MESSAGE_RESPONSE && run->header->parts != NIL && !first_is_regrep(run))
		rule_fail(run, ((HeaderPart *) linitial(run->header->parts))->node);
}

static void
check_first_part(RuleRun *run, const void *argument)
{
	if (run->kind == MESSAGE_RESPONSE && (run->header->parts == NIL || !first_is_regrep(run)))
		rule_fail(run, run->header->user_message);
}

static void
check_exchange_id(RuleRun *run, const void *argument)
{
	const HeaderProperty *property = header_property(run->header, "ExchangeId");

	if (property != NULL && !shape_uuid(xml_normalize(property->raw)))
		rule_fail(run, property->node);
}

static void
check_specification_id(RuleRun *run, const void *argument)
{
	const HeaderProperty *property = header_property(run->header, "SpecificationId");

	if (property != NULL && strcmp(property->raw, line_traits(run->line)->identifier) != 0)
		rule_fail(run, property->node);
}

/* 019 stands before 018: it is the one an error names when a 2.0 body comes
 * without the properties of 2.0 (EDM §6). */
static const Rule rules[] = {
	{"R-EDM-ebMS-017", 'F', 'F', 'F', 0, check_conversation, NULL,
	"ConversationId is a UUID"},
	{"R-EDM-ebMS-019", 'F', 'F', 'F', 0, check_property_names, NULL,
	"message properties are originalSender and finalRecipient, in 2.0 also ExchangeId and SpecificationId, each once"},
	{"R-EDM-ebMS-018", 'F', 'F', 'F', 0, check_property_count, NULL,
	"there are two message properties, in 2.0 four"},
	{"R-EDM-ebMS-023", 'F', 'F', 'F', 0, check_single_part, NULL,
	"a request or an exception has exactly one PartInfo"},
	{"R-EDM-ebMS-030", 'F', 'F', 'F', 0, check_part_type, NULL,
	"the part of a request or an exception has MimeType " REGREP_TYPE},
	{"R-EDM-ebMS-032", 'W', 'W', 'W', 0, check_first_part, NULL,
	"the first part of a response is the RegRep document"},
	{"R-EDM-ebMS-037", ' ', ' ', 'F', 0, check_exchange_id, NULL,
	"ExchangeId is a UUID"},
	{"R-EDM-ebMS-038", ' ', ' ', 'F', 0, check_specification_id, NULL,
	"SpecificationId is oots-edm:v2.0"},
};

const RuleTable rules_header = {rules, lengthof(rules)};
