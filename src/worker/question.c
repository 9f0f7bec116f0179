/*
 * question.c
 *		From taken to answered, see question.h.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "worker/question.h"

void
questions_start(Questions *questions, HttpClient *client, QuestionStarter start)
{
	MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
	ListCell   *cell;

	foreach(cell, questions->taken)
		if (start(client, lfirst(cell)))
			questions->under_way = lappend(questions->under_way, lfirst(cell));
		else
			questions->answered = lappend(questions->answered, lfirst(cell));
	list_free(questions->taken);
	questions->taken = NIL;
	MemoryContextSwitchTo(caller);
}

bool
questions_ended(Questions *questions, HttpCall *http)
{
	MemoryContext caller;
	void	   *question = http_tag(http);

	if (!list_member_ptr(questions->under_way, question))
		return false;
	caller = MemoryContextSwitchTo(TopMemoryContext);
	questions->under_way = list_delete_ptr(questions->under_way, question);
	questions->answered = lappend(questions->answered, question);
	MemoryContextSwitchTo(caller);
	return true;
}
