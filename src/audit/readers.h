/*
 * readers.h
 *		Readers of the audit, and keys wrapped to them. Inside an SPI connection, as owner of our tables.
 */
#ifndef OOTSPG_AUDIT_READERS_H
#define OOTSPG_AUDIT_READERS_H

#include "datatype/timestamp.h"

#include "audit/closed.h"
#include "seal/recipients.h"

typedef struct Readers
{
	int			total;			/* rows of the provider, ended ones too */
	int			count;			/* that read at the moment: these are in recipients */
	Recipient  *recipients;
	char	  **names;
	TimestampTz until;			/* when one begins or ends */
} Readers;

/* Readers of a provider ("": of exchanges of none) at the moment. */
extern Readers readers_find(const char *provider, TimestampTz moment);

/* Digests of their certificates into recipients. Raises ERRCODE_OOTS_KEY. */
extern void readers_identify(Readers *readers);

/*
 * A row of ootspg.audit_key: the key wrapped to all recipients of the list. Raises ERRCODE_OOTS_KEY with the
 * name of a reader whose certificate can't be used.
 */
extern void readers_write_key(const DataKey *key, const char *provider, TimestampTz made_at, TimestampTz wrapped_at, Readers *readers);

#endif							/* OOTSPG_AUDIT_READERS_H */
