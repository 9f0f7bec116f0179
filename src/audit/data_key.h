/*
 * data_key.h
 *		Keys that what names a person in the audit is closed to, so that the server can write and not read it (D-LOG-15).
 *		Each process makes its own for each provider, for an hour at most, wrapped to the certificates of
 *		ootspg.audit_reader; the wrapped key is a row of ootspg.audit_key.
 */
#ifndef OOTSPG_AUDIT_DATA_KEY_H
#define OOTSPG_AUDIT_DATA_KEY_H

#include "audit/closed.h"

/*
 * The key for values of the provider (NULL: of none) that are written now, or NULL when nobody reads its audit and
 * values stay as they are. Its row stands, or is written in this transaction; a transaction that ends without
 * takes the key along. Inside an SPI connection. Raises ERRCODE_OOTS_KEY when there are readers but no key can
 * be wrapped to them, or all of them have ended.
 */
extern DataKey *data_key(const char *provider);

#endif							/* OOTSPG_AUDIT_DATA_KEY_H */
