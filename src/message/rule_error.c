/*
 * rule_error.c
 *		Table to come.
 */
#include "postgres.h"

#include "message/rule_shared.h"

const RuleTable rules_error = {NULL, 0};
