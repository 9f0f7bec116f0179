/*
 * answering.h
 *		An answer of a directory being read. For the files of src/directory only.
 */
#ifndef OOTSPG_DIRECTORY_ANSWERING_H
#define OOTSPG_DIRECTORY_ANSWERING_H

#include "directory/answer.h"
#include "xml/read.h"

typedef struct AnswerKind AnswerKind;	/* of answer.c: what differs between directories */

typedef struct AnswerReading
{
	const AnswerKind *kind;
	const char *fault;			/* the first thing that could not be read, a constant text; all goes on without it */
} AnswerReading;

extern void answer_fault(AnswerReading *r, const char *fault);

/*
 * answer_service.c: an sdg:DataServiceEvidenceType, and an information concept. Elements
 * that may not be repeated and are, and values that are too long, are faults; what is
 * missing is not, because that is for whoever compares.
 */
extern DirectoryService *answer_service(AnswerReading *r, const XmlNode *node);
extern DirectoryConcept *answer_concept(AnswerReading *r, const XmlNode *node);

/* answer_broker.c: an sdg:Requirement with its lists and their evidence types. */
extern DirectoryRequirement *answer_requirement(AnswerReading *r, const XmlNode *node);

/* Text of the one child sdg:name of a node, or NULL. */
extern const char *answer_value(AnswerReading *r, const XmlNode *node, const char *name);

/* Text of an attribute without namespace, or NULL. */
extern const char *answer_attribute(AnswerReading *r, const XmlNode *node, const char *name);

#endif							/* OOTSPG_DIRECTORY_ANSWERING_H */
