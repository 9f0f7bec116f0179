/*
 * fault.h
 *		SOAP faults and HTTP statuses to classes of trouble.
 */
#ifndef OOTSPG_ACCESSPOINT_FAULT_H
#define OOTSPG_ACCESSPOINT_FAULT_H

#include "accesspoint/reading.h"

/* A SOAP fault to class, code and detail. */
extern void fault_read(Reading *reading, const XmlNode *fault);

/* EBMS_0004 to EBMS:0004; palloc'd */
extern char *fault_code(const char *code);

/* What an HTTP status says without a look at the body; TROUBLE_NONE when it says nothing. */
extern TroubleClass status_trouble(int status, const char *content_type);

#endif							/* OOTSPG_ACCESSPOINT_FAULT_H */
