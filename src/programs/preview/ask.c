/*
 * ask.c
 *		The database asked, forms looked at; what goes wrong there is a page.
 */
#include "ask.h"
#include "secret.h"
#include "trouble.h"

bool
visit_call(Visit *visit, DbFunction function, const char *const *parameters)
{
	const char *text;
	DbOutcome	outcome = db_call(visit->db, &visit->request->arena, function, parameters, &text);

	if (outcome == DB_DONE && text && visit_take_answer(visit, text))
		return true;
	trouble_problem(visit, outcome == DB_GONE);
	return false;
}

bool
visit_look(Visit *visit)
{
	const char *parameters[] = {visit->request->link, visit->request->browser};

	return visit_call(visit, DB_LOOK, parameters);
}

bool
visit_form_is_ours(Visit *visit, const char *action)
{
	Request    *request = visit->request;
	const char *token = field_get(request->form, "form");

	if (token && request->browser && request->link &&
		secret_equal(token, form_token(&request->arena, request->browser, request->link, action)))
		return true;
	trouble_stale(visit);
	return false;
}
