/*
 * header.h
 *		The ebMS user-message header (EDM §5): read what was received.
 */
#ifndef OOTSPG_MESSAGE_HEADER_H
#define OOTSPG_MESSAGE_HEADER_H

#include "nodes/pg_list.h"
#include "xml/read.h"

typedef struct HeaderProperty
{
	char	   *name;			/* as written */
	char	   *type;			/* NULL when absent */
	char	   *value;			/* stripped */
	char	   *raw;			/* as written */
	XmlNode    *node;
} HeaderProperty;

typedef struct HeaderPart
{
	char	   *href;			/* NULL when absent */
	char	   *mime_type;		/* property MimeType, NULL when absent */
	XmlNode    *node;
} HeaderPart;

/* All strings stripped; NULL when absent. */
typedef struct Header
{
	const char *twice;			/* what is said more than once (occurs.h); NULL in an honest header */
	XmlNode    *user_message;	/* eb:UserMessage */
	char	   *timestamp;
	char	   *message_id;
	char	   *ref_to_message_id;
	char	   *from_party,
			   *from_party_type;
	int			from_parties;	/* how many senders are named, in one From or several; from_party is the first */
	char	   *to_party,
			   *to_party_type;
	char	   *service,
			   *action;
	char	   *conversation_id;
	XmlNode    *conversation_node;
	XmlNode    *properties_node;	/* eb:MessageProperties */
	List	   *properties;		/* HeaderProperty * */
	List	   *parts;			/* HeaderPart * */
} Header;

/* Read eb:Messaging (or eb:UserMessage) as root of document; NULL when the root
 * is something else. Never raises for content. */
extern Header *header_read(const XmlDocument *document);
extern const HeaderProperty *header_property(const Header *header, const char *name);	/* first, or NULL */

#endif							/* OOTSPG_MESSAGE_HEADER_H */
