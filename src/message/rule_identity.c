/*
 * rule_identity.c
 *		Table to come.
 */
#include "postgres.h"

#include "message/rule_shared.h"

const RuleTable rules_identity = {NULL, 0};
