/*
 * occurs.h
 *		How often each element of a request and of the ebMS header may stand where it
 *		stands. The published rules count some elements only, and who reads takes the
 *		first of them: what is said twice could be said of two persons (D-IDM-01, -02).
 */
#ifndef OOTSPG_MESSAGE_OCCURS_H
#define OOTSPG_MESSAGE_OCCURS_H

#include "xml/read.h"

/*
 * The first element that stands once more than it may, or stands in one that holds text
 * only, as in "sdg:FamilyName"; NULL when there is none. root is query:QueryRequest,
 * eb:Messaging or eb:UserMessage. Constant text, without anything of the message.
 */
extern const char *occurs_too_often(const XmlNode *root);

/* Is this name given in its original script, beside the Latin one? (attribute nonLatin, from 1.1 on) */
extern bool occurs_in_original_script(const XmlNode *name);

#endif							/* OOTSPG_MESSAGE_OCCURS_H */
