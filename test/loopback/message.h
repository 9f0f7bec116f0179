/*
 * message.h
 *		A user message as both sides of the wire share it: the ebMS header and
 *		the parts. Immutable once stored, except that the contents of the parts
 *		go when no copy needs them any more.
 */
#ifndef LOOPBACK_MESSAGE_H
#define LOOPBACK_MESSAGE_H

#include "base.h"

typedef struct Property
{
	char	   *name;
	char	   *type;			/* NULL: none */
	char	   *value;
} Property;

typedef struct Properties
{
	Property   *items;
	int			count;
} Properties;

/* Bytes with a counter of references, so that answers are written without the lock. */
typedef struct Blob
{
	_Atomic int references;
	size_t		size;
	char		bytes[];
} Blob;

typedef struct Part
{
	char	   *href;			/* NULL: the part in the SOAP body */
	Properties	properties;
	Blob	   *content;		/* NULL: erased */
} Part;

typedef struct PartyRef
{
	char	   *id;
	char	   *type;
	char	   *role;
} PartyRef;

typedef struct UserMessage
{
	int			references;		/* copies of the message, on both sides */
	int			readers;		/* of them, those whose content is not erased */
	char	   *ref_to;
	char	   *conversation;
	char	   *agreement;
	char	   *service;
	char	   *service_type;
	char	   *action;
	PartyRef	from;
	PartyRef	to;
	Properties	properties;
	Part	   *parts;
	int			part_count;
} UserMessage;

extern Blob *blob_make(const void *bytes, size_t size);
extern Blob *blob_share(Blob *blob);
extern void blob_release(Blob *blob);

extern void properties_add(Properties *properties, const char *name, const char *type, const char *value);
extern const char *properties_value(const Properties *properties, const char *name);
extern const Property *properties_find(const Properties *properties, const char *name);
extern Part *message_add_part(UserMessage *message, const char *href);
extern void message_drop_content(UserMessage *message);
extern void message_free(UserMessage *message);

/* As fields of a record of the journal. */
extern void message_write(const UserMessage *message);
extern UserMessage *message_read(void);

#endif
