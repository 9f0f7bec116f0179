/*
 * fault.h
 *		SOAP faults of the plugin and of the stack below it, by name. In their
 *		texts $1 and $2 stand for the arguments.
 */
#ifndef LOOPBACK_FAULT_H
#define LOOPBACK_FAULT_H

#include "base.h"
#include "personality.h"

typedef enum FaultKind
{
	FAULT_NONE,
	FAULT_AUTH,
	FAULT_AUTH_MISSING,
	FAULT_AUTH_SUSPENDED,
	FAULT_NOT_ALLOWED,
	FAULT_UNTYPED,
	FAULT_DISABLED,
	FAULT_UNPARSABLE,
	FAULT_UNMARSHALLING,
	FAULT_NOT_RECOGNIZED,
	FAULT_DUPLICATE,
	FAULT_DUPLICATE_CONSTRAINT,
	FAULT_PMODE,
	FAULT_PARTY,
	FAULT_SENDER_PARTY,
	FAULT_ROLE,
	FAULT_NOT_SENDER,
	FAULT_PROPERTY_MISSING,
	FAULT_PROPERTY_UNKNOWN,
	FAULT_TOO_LONG,
	FAULT_TOO_MANY,
	FAULT_HEADER,
	FAULT_PATTERN,
	FAULT_COMPRESSION,
	FAULT_PAYLOAD,
	FAULT_PAYLOAD_EMPTY,
	FAULT_TOO_LARGE,
	FAULT_TEXT_LIMIT,
	FAULT_NOT_FOUND,
	FAULT_ALREADY_DOWNLOADED,
	FAULT_MULTIPLE_TIMES,
	FAULT_TWO_MESSAGES,
	FAULT_TWO_MESSAGES_ERRORS,
	FAULT_INVALID
} FaultKind;

typedef struct Fault
{
	FaultKind	kind;
	char	   *first;
	char	   *second;
} Fault;

extern bool fault_set(Fault *fault, FaultKind kind, const char *first, const char *second);
extern void fault_free(Fault *fault);
extern FaultKind fault_named(const char *name);

/* What a version says when the id of a submission is taken. */
extern FaultKind fault_duplicate(const Personality *personality);

/* The s:Fault element, with soap as the prefix of the envelope. */
extern void fault_write(Buffer *out, const Fault *fault);

#endif
