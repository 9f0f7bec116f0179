/*
 * match.h
 *		From the subject of a request to exactly one person or company of the
 *		registry, or none (D-IDM-01 … -22, -26). One index lookup: equality on
 *		date of birth and name key finds the candidates, comparison decides.
 */
#ifndef OOTSPG_EVIDENCE_MATCH_H
#define OOTSPG_EVIDENCE_MATCH_H

#include "configuration/configuration.h"
#include "message/request.h"

typedef enum MatchOutcome
{
	MATCH_ONE,
	MATCH_NONE,
	MATCH_SEVERAL,
	MATCH_PROTECTED,			/* exactly one, not to be disclosed (D-IDM-15) */
	MATCH_TOO_MANY				/* more candidates than ootspg.max_candidates */
} MatchOutcome;

typedef struct MatchResult
{
	MatchOutcome outcome;
	char	   *person_id;		/* registry key, as text; only with MATCH_ONE */
	int			candidates;		/* rows the index lookup gave */
	const char *attributes;		/* names of the attributes used, for the audit (D-IDM-26) */
	bool		linked;			/* a registered identity link took part */
	bool		undecided;		/* nobody matched, but for want of an attribute that the policy asks for */
} MatchResult;

/* What is known of a person beyond the request: a column of the view that persons are matched against, and what they say it is. */
typedef struct FurtherAttribute
{
	const char *column;
	const char *value;
} FurtherAttribute;

/* Inside an SPI connection. Against the type's subject view, or the distribution's own; OT003 when that does not fit any more. */
extern MatchResult match_subject(const EvidenceType *type, const Distribution *distribution, const Subject *subject);

/*
 * The same of a natural person of whom more is known (FurtherAttribute *; D-PRE-13): who differs in any of it is out; a
 * row that lacks it neither agrees nor differs, and who is left must agree in one at least, unless nobody was out.
 */
extern MatchResult match_narrowed(const EvidenceType *type, const Distribution *distribution, const Subject *subject, const List *further);

/* Is one of these persons (text[] of registry keys) protected? */
extern bool any_protected(const EvidenceType *type, const Distribution *distribution, Datum person_ids);

extern const char *match_outcome_name(MatchOutcome outcome);
#endif							/* OOTSPG_EVIDENCE_MATCH_H */
