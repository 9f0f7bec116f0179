/*
 * rules.h
 *		A message judged by the tables of its kind and line.
 */
#ifndef OOTSPG_MESSAGE_RULES_H
#define OOTSPG_MESSAGE_RULES_H

#include "message/rule.h"

/* What kind of message is this root? */
extern MessageKind message_kind(const XmlNode *root);

/* What slot SpecificationIdentifier says, without blanks at its ends; NULL when it says nothing. */
extern const char *message_specification(const XmlNode *root);

/*
 * Run every table that applies to the message and header (either may be NULL,
 * not both); returns RuleViolation * in order: header, structure, content.
 * line EDM_NONE: the line is read from header property SpecificationId, then
 * from the slot; if that fails, 1.2 without and 2.0 with an ExchangeId.
 */
extern List *rules_check(const XmlDocument *message, const XmlDocument *header, EdmLine line);

#endif							/* OOTSPG_MESSAGE_RULES_H */
