/*
 * rule.h
 *		Business rules as a table (EDM §2). One rule = one entry: id, severity
 *		per line, check, what it expects. Tables stand in rule_request.c, rule_identity.c,
 *		rule_header.c, rule_response.c, rule_error.c; this engine runs them.
 *
 * A violation names the rule, its severity, where, and says in constant words
 * what is expected. It never repeats a value from the message (personal data).
 */
#ifndef OOTSPG_MESSAGE_RULE_H
#define OOTSPG_MESSAGE_RULE_H

#include "message/header.h"
#include "message/line.h"
#include "nodes/pg_list.h"
#include "xml/read.h"

typedef enum MessageKind
{
	MESSAGE_REQUEST,			/* query:QueryRequest */
	MESSAGE_RESPONSE,			/* query:QueryResponse, otherwise */
	MESSAGE_ERROR,				/* query:QueryResponse with rs:Exception, or of status Failure */
	MESSAGE_OTHER				/* another root */
} MessageKind;

#define RULE_ABSENT		' '		/* the rule does not exist or can never fire on that line */
#define RULE_FATAL		'F'
#define RULE_WARNING	'W'
#define RULE_CAUTION	'C'

typedef struct RuleViolation
{
	const char *rule_id;		/* R-EDM-REQ-S001; constant */
	char		severity;		/* F, W, C */
	char	   *location;		/* xml_location(), or "header" part; palloc'd */
	const char *detail;			/* constant: what the rule asks for */
} RuleViolation;

typedef struct RuleRun
{
	EdmLine		line;			/* never EDM_NONE; EDM_V11 has no column of its own: rule_severity() */
	MessageKind kind;
	XmlNode    *root;			/* NULL when only the header is checked */
	const Header *header;		/* NULL when there is none */
	bool		accept_eidas2;	/* setting ootspg.accept_eidas2 */
	List	   *violations;		/* RuleViolation *, in order of the tables */
	const struct Rule *current;	/* the rule being run */
	int			places;			/* where it was found broken; only the first few are listed */
	bool		(*concerns) (const struct RuleRun *run, const XmlNode *where);	/* places that count; NULL: all */
	MemoryContext context;		/* violations live here; checks run in a scratch context */
	struct PathCache *paths;	/* places found so far, see rule_shared.c; one run, one message */
} RuleRun;

/*
 * A check looks at run->root or run->header and calls rule_fail() once for each
 * place where the rule is broken. It never raises. What it allocates is gone
 * when it returns.
 */
typedef void (*RuleCheck) (RuleRun *run, const void *argument);

typedef struct Rule
{
	const char *id;				/* as printed: R-EDM-REQ-S001 */
	char		v10;			/* severity on each line, ' ' when not applicable */
	char		v12;			/* also 1.1, unless v11 says otherwise */
	char		v20;
	char		v11;			/* '\0' = as v12, or a mere warning on requests when 1.0 has no such rule */
	RuleCheck	check;			/* NULL: published, but a mere hint that nothing can break */
	const void *argument;		/* lets rules of the same shape share one check */
	const char *expects;		/* constant text for detail */
} Rule;

typedef struct RuleTable
{
	const Rule *rules;
	int			count;
} RuleTable;

extern void rule_fail(RuleRun *run, const XmlNode *where);	/* where NULL: the message as a whole */
extern char rule_severity(const Rule *rule, EdmLine line);
extern const char *rule_severity_word(char severity);	/* fatal, warning, caution; NULL for ' ' */

/* Run one table over what the run looks at; violations are added to the run's. */
extern void rule_run(RuleRun *run, const RuleTable *table);

extern const RuleTable rules_request;	/* R-EDM-REQ-S*, §2.1, and C* outside identity, §2.2 */
extern const RuleTable rules_identity;	/* R-EDM-REQ-C* on NP, LP, AR, ALP */
extern const RuleTable rules_header;	/* R-EDM-ebMS-*, §2.5 */
extern const RuleTable rules_response;	/* R-EDM-RESP-*, §2.3 */
extern const RuleTable rules_error;		/* R-EDM-ERR-*, §2.4 */

#endif							/* OOTSPG_MESSAGE_RULE_H */
