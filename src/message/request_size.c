/*
 * request_size.c
 *		Are the names and identifiers of a request such as somebody has? They go into
 *		normalisation, comparison and keys, whose cost grows faster than they do;
 *		the schema and the rules let most of them have any length.
 */
#include "postgres.h"

#include "message/request.h"
#include "message/shape.h"

static bool
fits(const char *value)
{
	return value == NULL || shape_ordinary(value);
}

static bool
texts_fit(const List *texts)
{
	const ListCell *cell;

	foreach(cell, texts)
		if (!fits(((const LocalText *) lfirst(cell))->text) || !fits(((const LocalText *) lfirst(cell))->language))
			return false;
	return true;
}

/* Attributes of a sector are handed on and never compared: only their names must be some. */
static bool
subject_fits(const Subject *subject)
{
	const ListCell *cell;

	foreach(cell, subject->sector_attributes)
		if (!fits(((const LocalText *) lfirst(cell))->language))
			return false;
	return fits(subject->identifier) && fits(subject->scheme) && fits(subject->level_of_assurance) &&
		fits(subject->family_name) && fits(subject->given_name) && fits(subject->birth_name) &&
		fits(subject->date_of_birth) && fits(subject->place_of_birth) && fits(subject->legal_name) &&
		texts_fit(subject->legal_identifiers);
}

static bool
agent_fits(const Agent *agent)
{
	return fits(agent->identifier) && fits(agent->scheme) && fits(agent->country) && fits(agent->nuts) &&
		fits(agent->classification) && texts_fit(agent->names);
}

const char *
request_oversized(const Request *request)
{
	const ListCell *cell;

	foreach(cell, request->requesters)
		if (!agent_fits(lfirst(cell)))
			return "R-EDM-REQ-S039";
	if (request->provider != NULL && !agent_fits(request->provider))
		return "R-EDM-REQ-S042";
	if (request->subject != NULL && !subject_fits(request->subject))
		return request->subject->is_legal ? "R-EDM-REQ-S047" : "R-EDM-REQ-S046";
	if (request->representative != NULL && !subject_fits(request->representative))
		return request->representative->is_legal ? "R-EDM-REQ-S056" : "R-EDM-REQ-S048";
	return NULL;
}
