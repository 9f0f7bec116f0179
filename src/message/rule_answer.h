/*
 * rule_answer.h
 *		What the rules of responses and of errors ask alike: the root element,
 *		its status, and the shapes of their entries.
 */
#ifndef OOTSPG_MESSAGE_RULE_ANSWER_H
#define OOTSPG_MESSAGE_RULE_ANSWER_H

#include "message/rule_shared.h"

#define STATUS_SUCCESS		"urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"
#define STATUS_UNAVAILABLE	"urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Unavailable"
#define STATUS_FAILURE		"urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure"

extern bool status_is(const RuleRun *run, const char *status);
extern bool node_in_success(const RuleRun *run, const XmlNode *node);	/* for rules of a success only */

/* un-namespaced attribute name is there and has exactly this value */
extern bool attribute_is(const XmlNode *node, const char *name, const char *value);

extern void check_answer_name(RuleRun *run, const void *unused);
extern void check_answer_namespace(RuleRun *run, const void *unused);

/*
 * Entries of a table, on top of rule_shared.h: the attribute is there, if blank; the
 * element is there and not blank; the text as it stands, or normalised, passes; the
 * attribute is urn:uuid: and a UUID; the value of a slot is there and passes as it
 * stands, or passes normalised when it is there (its absence is another rule's); @lang
 * is in the list when it is there.
 */
#define ATTRIBUTE(context_, name)	VALUE(.context = context_, .item = "@" name, .required = true)
#define ELEMENT(context_, item_)	VALUE(.context = context_, .item = item_, .test = value_filled, .required = true)
#define RAW(context_, test_)		VALUE(.context = context_, .item = "", .test = test_)
#define TEXT(context_, test_)		VALUE(.context = context_, .item = "", .test = test_, .normalized = true)
#define URN_UUID(context_, name)	VALUE(.context = context_, .item = "@" name, .test = value_urn_uuid, .normalized = true)
#define VALUE_OF(slot, test_)		VALUE(.context = slot "/rim:SlotValue", .item = "//rim:Value", .test = test_, .required = true)
#define VALUE_IF_ANY(slot, test_)	VALUE(.context = slot "/rim:SlotValue", .item = "//rim:Value", .test = test_, .normalized = true)
#define LANGUAGE(context_)			VALUE(.context = context_, .item = "@lang", .test = value_language)

#endif							/* OOTSPG_MESSAGE_RULE_ANSWER_H */
