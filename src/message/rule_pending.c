/*
 * rule_pending.c
 *		Empty tables until rule_response.c and rule_error.c are there; weak, so
 *		that theirs win. Delete this file with the arrival of both.
 */
#include "postgres.h"

#include "message/rule.h"

const RuleTable rules_response __attribute__((weak)) = {NULL, 0};
const RuleTable rules_error __attribute__((weak)) = {NULL, 0};
