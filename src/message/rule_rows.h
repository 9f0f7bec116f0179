/*
 * rule_rows.h
 *		Verdicts and rules as rows, for every function that judges by rule tables.
 *		The verdicts' columns are rule_id, severity, location, detail; the rules'
 *		rule_id, message, v10, v11, v12, v20, expects.
 */
#ifndef OOTSPG_MESSAGE_RULE_ROWS_H
#define OOTSPG_MESSAGE_RULE_ROWS_H

#include "message/rule.h"
#include "nodes/execnodes.h"

/* What cannot be read is a row of rule XML, so that a query over hostile messages runs to its end. */
extern void rule_put_unreadable(ReturnSetInfo *result, const char *location, const char *reason);
extern void rule_put_violations(ReturnSetInfo *result, const List *violations);	/* RuleViolation * */

/* Every rule of a table, for the kind of message that it judges. */
extern void rule_put_table(ReturnSetInfo *result, const RuleTable *table, const char *message);

#endif							/* OOTSPG_MESSAGE_RULE_ROWS_H */
