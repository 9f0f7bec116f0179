/*
 * rule_response.c
 *		Table to come.
 */
#include "postgres.h"

#include "message/rule_shared.h"

const RuleTable rules_response = {NULL, 0};
