/*
 * answer.h
 *		A query:QueryResponse in the making, in the shape of a version: what that
 *		version has not is left out of what was published.
 */
#ifndef DIRECTORY_ANSWER_H
#define DIRECTORY_ANSWER_H

#include "catalogue.h"
#include "version.h"

typedef struct Answer
{
	const Version *version;
	xmlDoc	   *doc;
	xmlNode    *root;
	xmlNode    *list;			/* of registry objects, NULL as long as there is none */
	xmlNode    *exception;		/* NULL: not refused */
	xmlNs	   *rim;
	xmlNs	   *rs;
	xmlNs	   *xsi;
	xmlNs	   *sdg;
} Answer;

/* Where in answers of the environment the host of the semantic repository has a name more; NULL for none. */
extern void answer_set_environment(const char *name);

extern void answer_begin(Answer *answer, const Version *version);
extern void answer_render(Answer *answer, Buffer *out);
extern void answer_free(Answer *answer);

/* Returns rim:SlotValue of the only slot of a new registry object. */
extern xmlNode *answer_object(Answer *answer, const char *slot);
extern xmlNode *answer_slot(Answer *answer, xmlNode *parent, const char *name, const char *type);

/* Makes it a refusal with the code's message and type, whatever was found before. */
extern void answer_refuse(Answer *answer, const char *code, const char *detail);

/* An element of the sdg namespace; the text NULL for none. */
extern xmlNode *answer_element(Answer *answer, xmlNode *parent, const char *name, const char *text);

/* A copy of the element without its children, or with them; NULL where the version has no such element. */
extern xmlNode *answer_copy_shell(Answer *answer, xmlNode *parent, const xmlNode *source);
extern xmlNode *answer_copy(Answer *answer, xmlNode *parent, const xmlNode *source);

#endif
