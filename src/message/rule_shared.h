/*
 * rule_shared.h
 *		Checks that many rules share. Each takes an argument that says where to
 *		look and what to find, so that most rules are one line of a table.
 *
 * Where to look is a path, a few steps of element names:
 *
 *		q:QueryRequest/rim:Slot[Procedure]/rim:SlotValue
 *
 * Prefixes are fixed here (q, rim, rs, lcm, sdg), whatever the message uses; [X] asks
 * for @name = X; // before a step means any depth; * is any element and sdg:*
 * any of that namespace. A path from
 * the root begins with the root element itself. An item, below a context, may be
 * "" (the context), elements, or end in an attribute: "@schemeID",
 * "sdg:Name/@lang", "rim:LocalizedString/@xml:lang".
 */
#ifndef OOTSPG_MESSAGE_RULE_SHARED_H
#define OOTSPG_MESSAGE_RULE_SHARED_H

#include "message/codelist.h"
#include "message/rule.h"

/* Paths are string constants and told apart by their address. */
#define MAX_PATHS			1024
#define PATH_CACHE_NODES	64

/* Where a path leads in the message of a run */
typedef struct PathPlaces
{
	bool		known;
	List	   *nodes;			/* XmlNode * */
} PathPlaces;

typedef struct PathCache
{
	PathPlaces	places[MAX_PATHS];	/* by the numbers of paths */
} PathCache;

extern List *nodes_at(const RuleRun *run, const char *path);	/* XmlNode *, in document order */
extern List *nodes_below(const XmlNode *context, const char *path);
extern XmlNode *node_below(const XmlNode *context, const char *path);	/* the first, or NULL */

typedef bool (*ValueTest) (const RuleRun *run, const char *value);
typedef bool (*NodeTest) (const RuleRun *run, const XmlNode *node);

/* The item of each context holds what is asked. */
typedef struct ValueRule
{
	const char *context;
	const char *item;
	ValueTest	test;			/* NULL: words decide; if they are NULL too, being there is enough */
	bool		required;		/* an item that is not there breaks the rule */
	bool		normalized;		/* compare normalize-space(), not the value as it stands */
	const char *const *words;	/* NULL-terminated; value must be one of them */
	NodeTest	applies;		/* contexts for which the rule is meant; NULL: all */
} ValueRule;

extern void check_value(RuleRun *run, const void *argument);

/* Each context has between least and most elements at item. */
typedef struct CountRule
{
	const char *context;
	const char *item;
	int			least;
	int			most;			/* -1: no limit */
	NodeTest	applies;
} CountRule;

extern void check_count(RuleRun *run, const void *argument);

/* Each SlotValue or Element at path has this xsi:type, compared without prefix (EDM §0 trap 2). */
typedef struct TypeRule
{
	const char *path;
	const char *type;
} TypeRule;

extern void check_type(RuleRun *run, const void *argument);

/* Children of each context: only sdg elements of these names. */
typedef struct ChildrenRule
{
	const char *context;
	const char *const *allowed; /* NULL-terminated local names */
	const char *const *required_v10;	/* v1.0 closes nothing and asks for these instead; NULL: as later */
	const char *forbidden_v10;	/* and forbids this one; may be NULL */
} ChildrenRule;

extern void check_children(RuleRun *run, const void *argument);

/* No element stands at path. */
extern void check_absent(RuleRun *run, const void *path);

/* Agent identifiers at path: scheme and, from 1.1 on, fewer than 256 characters (EDM §1.3). */
extern void check_agent_identifier(RuleRun *run, const void *path);

/* Text elements of sdg have their least length (REQ-C092 and its twins). */
typedef struct LengthRule
{
	bool		string_value_two;	/* ERR-C027 asks two characters of StringValue, the twins one */
} LengthRule;

extern void check_lengths(RuleRun *run, const void *argument);

/* Every rim:Slot has one rim:SlotValue; every SlotValue has a child; collections
 * have an Element, and are sets (S050-S053 of requests; ERR-S028, S029). */
extern void check_one_slot_value(RuleRun *run, const void *argument);
extern void check_slot_value_filled(RuleRun *run, const void *argument);
extern void check_collection_filled(RuleRun *run, const void *argument);
extern void check_collection_set(RuleRun *run, const void *argument);

/* tests of values */
extern bool value_filled(const RuleRun *run, const char *value);
extern bool value_uuid(const RuleRun *run, const char *value);
extern bool value_urn_uuid(const RuleRun *run, const char *value);
extern bool value_date(const RuleRun *run, const char *value);
extern bool value_date_time(const RuleRun *run, const char *value);
extern bool value_boolean(const RuleRun *run, const char *value);
extern bool value_https(const RuleRun *run, const char *value);
extern bool value_specification(const RuleRun *run, const char *value); /* of the line being run */
extern bool value_country(const RuleRun *run, const char *value);
extern bool value_language(const RuleRun *run, const char *value);
extern bool value_nuts(const RuleRun *run, const char *value);
extern bool value_media_type(const RuleRun *run, const char *value);
extern bool value_level(const RuleRun *run, const char *value);
extern bool value_procedure(const RuleRun *run, const char *value); /* or 00, from 1.1 on */
extern bool value_identifier_scheme(const RuleRun *run, const char *value);
extern bool value_person_scheme(const RuleRun *run, const char *value); /* eidas; eidas2 by setting */
extern bool value_person_identifier(const RuleRun *run, const char *value);
extern bool value_person_identifier_v10(const RuleRun *run, const char *value);
extern bool value_classification(const RuleRun *run, const char *value);
extern bool value_data_model(const RuleRun *run, const char *value);

/* is this format structured, or one that has no data model? */
extern bool node_is_structured(const RuleRun *run, const XmlNode *distribution);
extern bool node_is_unstructured(const RuleRun *run, const XmlNode *distribution);

/* is @schemeID of this identifier eidas? */
extern bool node_is_eidas(const RuleRun *run, const XmlNode *identifier);

/* entries of a table: check and its argument */
#define VALUE(...)		check_value, &(const ValueRule) {__VA_ARGS__}
#define COUNT(...)		check_count, &(const CountRule) {__VA_ARGS__}
#define TYPE(path, type)	check_type, &(const TypeRule) {path, type}
#define CHILDREN(...)	check_children, &(const ChildrenRule) {__VA_ARGS__}
#define WORDS(...)		(const char *const[]) {__VA_ARGS__, NULL}
#define HINT			NULL, NULL

#endif							/* OOTSPG_MESSAGE_RULE_SHARED_H */
