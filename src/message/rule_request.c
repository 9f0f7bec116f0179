/*
 * rule_request.c
 *		Table to come.
 */
#include "postgres.h"

#include "message/rule_shared.h"

const RuleTable rules_request = {NULL, 0};
