/*
 * retention.h
 *		Until when the audit is kept (D-LOG-16).
 */
#ifndef OOTSPG_AUDIT_RETENTION_H
#define OOTSPG_AUDIT_RETENTION_H

#include "datatype/timestamp.h"

extern TimestampTz retention_limit(void);	/* rows from before may go; by the transaction's time */

#endif							/* OOTSPG_AUDIT_RETENTION_H */
