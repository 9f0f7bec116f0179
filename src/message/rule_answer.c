/*
 * rule_answer.c
 *		What the rules of responses and of errors ask alike.
 */
#include "postgres.h"

#include "message/rule_answer.h"

bool
attribute_is(const XmlNode *node, const char *name, const char *value)
{
	char	   *found = xml_attribute(node, NULL, name);

	return found != NULL && strcmp(found, value) == 0;
}

bool
status_is(const RuleRun *run, const char *status)
{
	return attribute_is(run->root, "status", status);
}

bool
node_in_success(const RuleRun *run, const XmlNode *node)
{
	return status_is(run, STATUS_SUCCESS);
}

void
check_answer_name(RuleRun *run, const void *unused)
{
	if (strcmp(xml_local(run->root), "QueryResponse") != 0)
		rule_fail(run, run->root);
}

void
check_answer_namespace(RuleRun *run, const void *unused)
{
	if (strcmp(xml_namespace(run->root), NS_QUERY) != 0)
		rule_fail(run, run->root);
}
