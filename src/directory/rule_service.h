/*
 * rule_service.h
 *		Data services by rule: tests that submissions to the Data Services Directory
 *		and its answers to queries share.
 */
#ifndef OOTSPG_DIRECTORY_RULE_SERVICE_H
#define OOTSPG_DIRECTORY_RULE_SERVICE_H

#include "message/rule_shared.h"

extern bool value_uuid_end(const RuleRun *run, const char *value);
extern bool value_agent_scheme(const RuleRun *run, const char *value);
extern bool value_edm_version(const RuleRun *run, const char *value);
extern bool value_jurisdiction_level(const RuleRun *run, const char *value);

/* of a distribution: its format, its Transformation */
extern bool node_has_xml(const RuleRun *run, const XmlNode *distribution);
extern bool node_has_json(const RuleRun *run, const XmlNode *distribution);
extern bool node_has_transformation(const RuleRun *run, const XmlNode *distribution);

#endif							/* OOTSPG_DIRECTORY_RULE_SERVICE_H */
