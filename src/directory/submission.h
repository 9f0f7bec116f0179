/*
 * submission.h
 *		Submissions to the Data Services Directory and the Evidence Broker (life
 *		cycle management, LCM), and the answers to them: what the files of this room
 *		share. kinds.c has the facts; rule_dsd.c, rule_eb.c and rule_lcm.c the rules,
 *		rule_submission.c the checks they share; objects.c reads, tree.c writes.
 */
#ifndef OOTSPG_DIRECTORY_SUBMISSION_H
#define OOTSPG_DIRECTORY_SUBMISSION_H

#include "lib/stringinfo.h"
#include "message/rule_shared.h"

#define SCHEME_DSD	"urn:fdc:oots:classification:dsd"
#define SCHEME_EB	"urn:fdc:oots:classification:eb"
#define ASSOCIATION_PREFIX "urn:oasis:names:tc:ebxml-regrep:AssociationType:"

/* An association and what it links. */
typedef struct AssociationKind
{
	const char *type;			/* without ASSOCIATION_PREFIX */
	const char *source;			/* classification nodes */
	const char *target;
	const char *service;		/* dsd or eb */
	bool		two_objects;	/* belongs to the two-object model (1.0) */
	bool		three_objects;	/* and to the three-object model (1.1 and later) */
} AssociationKind;

extern const AssociationKind association_kinds[];
extern const int association_kind_count;

/* rim:RegistryObject whose xsi:type is rim:AssociationType; rules compare the prefix too */
extern bool submission_is_association(const XmlNode *object);
extern const char *submission_association_type(const XmlNode *object);	/* after the prefix; NULL when it has none */
extern const char *submission_association_service(const XmlNode *object);	/* dsd, eb; NULL for unknown types */
extern const char *submission_scheme_service(const char *scheme);	/* dsd, eb; NULL for others */

extern void submission_require_service(const char *service);	/* 22023 unless dsd, eb or NULL */

extern bytea *submission_bytea(const StringInfoData *bytes);

/* One run of rules over a submission or an answer to one. */
typedef struct SubmissionRun
{
	RuleRun		run;			/* first, so that checks can go from one to the other */
	const char *service;		/* dsd or eb */
	const char *submission;		/* id that an answer must name; NULL when it is not known */
	struct IndexedObject *objects;	/* sorted by id */
	int			object_count;
} SubmissionRun;

#define SUBMISSION_RUN(rule_run) ((const SubmissionRun *) (rule_run))

#define OBJECT		"lcm:SubmitObjectsRequest/rim:RegistryObjectList/rim:RegistryObject"
#define ANSWER		"rs:RegistryResponse"

/* Checks that the rules of both services share. */
extern void check_submission_root(RuleRun *run, const void *unused);
extern void check_submission_namespace(RuleRun *run, const void *unused);
extern void check_some_association(RuleRun *run, const void *unused);
extern void check_classified(RuleRun *run, const void *unused);
extern void check_other_slots(RuleRun *run, const void *unused);
extern void check_linked(RuleRun *run, const void *unused);

/* An object of one of these nodes (NULL-terminated) has the slot of its name and no other. */
extern void check_slot_of_node(RuleRun *run, const void *nodes);

/* Associations of one type, or all: an end is there; an end has one of these nodes. */
typedef struct EndRule
{
	const char *type;			/* NULL: every association */
	bool		target;			/* else the source */
	const char *const *nodes;	/* NULL: being there is enough */
	bool		bare;			/* urn:uuid: of an object outside the message will do */
	bool		owed;			/* an end that is not there breaks the rule as well */
} EndRule;

extern void check_end(RuleRun *run, const void *argument);

/* What a type is made to link is linked by that type; NULL: all types of the service and model. */
extern void check_link_type(RuleRun *run, const void *type);

/* Source and target together are a pair that some type of the model links (S023). */
extern void check_linked_pair(RuleRun *run, const void *unused);

/* No two objects of one message have the same id (S023 of the Schematron files). */
extern void check_distinct_ids(RuleRun *run, const void *unused);

extern bool value_lau(const RuleRun *run, const char *value);

extern void submission_index(SubmissionRun *run);	/* fills objects */

/* entries that recur in the tables of submissions */
#define END(...)					check_end, &(const EndRule) {__VA_ARGS__}
#define PRESENT(place, item_)		VALUE(.context = place, .item = item_, .required = true)
#define FILLED(place, item_)		VALUE(.context = place, .item = item_, .test = value_filled, .required = true)
#define SOUND_ID(place, item_, test_)	VALUE(.context = place, .item = item_, .test = test_, .required = true, .normalized = true)
#define HOLDS(place, test_)			VALUE(.context = place, .item = "", .test = test_)
#define LANG_FILLED(place)			FILLED(place, "@lang")
#define LANG_LISTED(place)			VALUE(.context = place, .item = "@lang", .test = value_language)

extern const RuleTable rules_dsd;
extern const RuleTable rules_eb;
extern const RuleTable rules_lcm_success;
extern const RuleTable rules_lcm_error;

#endif							/* OOTSPG_DIRECTORY_SUBMISSION_H */
