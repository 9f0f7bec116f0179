/*
 * prepare.c
 *		A request without content, read and judged for nothing: its rules look for what is not there.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "message/prepare.h"
#include "message/rules.h"

void
message_prepare(void)
{
	static const char request[] = "<query:QueryRequest xmlns:query=\"" NS_QUERY "\"></query:QueryRequest>";
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "ootspg empty request", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	XmlFault	fault;
	XmlDocument *document = xml_read(request, strlen(request), &fault);

	if (document != NULL)
		(void) rules_check(document, NULL, EDM_V20);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
}
