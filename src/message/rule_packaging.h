/*
 * rule_packaging.h
 *		Checks about the objects of a response: metadata, files, and on a packaged
 *		line packages, classifications and associations (EDM §1.5.3, §1.5.4).
 *		The table is in rule_response.c.
 */
#ifndef OOTSPG_MESSAGE_RULE_PACKAGING_H
#define OOTSPG_MESSAGE_RULE_PACKAGING_H

#include "message/rule.h"

/* argument of check_association_end() */
typedef struct AssociationEnd
{
	const char *word;			/* of the association's type */
	const char *attribute;		/* sourceObject or targetObject */
	const char *classified;		/* what the object there must be */
} AssociationEnd;

/* Is it classified as a supplementary document? */
extern bool node_is_companion(const XmlNode *object);

extern void check_metadata_slot(RuleRun *run, const void *unused);	/* S015 */
extern void check_item_reference(RuleRun *run, const void *unused);	/* S033 */
extern void check_nested_list(RuleRun *run, const void *unused);	/* S046 */
extern void check_main_evidence(RuleRun *run, const void *unused);	/* S047 */
extern void check_classified_once(RuleRun *run, const void *unused);	/* S048 */
extern void check_classification_node(RuleRun *run, const void *unused);	/* S049 */
extern void check_companion_joined(RuleRun *run, const void *unused);	/* S050 */
extern void check_association_attribute(RuleRun *run, const void *attribute);	/* S051, S055 */
extern void check_association_end(RuleRun *run, const void *end);	/* S052-S054, S056-S058 */
extern void check_association_type(RuleRun *run, const void *word);	/* S059-S061 */
extern void check_main_complete(RuleRun *run, const void *unused);	/* S062 */
extern void check_companion_bare(RuleRun *run, const void *unused);	/* S063 */
extern void check_package_type(RuleRun *run, const void *unused);	/* S066 */

#endif							/* OOTSPG_MESSAGE_RULE_PACKAGING_H */
