/*
 * subject_row.h
 *		Values of the SQL type ootspg.subject, in and out.
 */
#ifndef OOTSPG_EXCHANGE_SUBJECT_ROW_H
#define OOTSPG_EXCHANGE_SUBJECT_ROW_H

#include "access/htup.h"
#include "message/request.h"

/* Raises 22023 when kind is neither natural nor legal person or a needed attribute is missing. */
extern Subject *subject_from_row(HeapTupleHeader row);

/* The OID of ootspg.subject. */
extern Oid subject_row_type(void);

/* The subject as a value of that type, for a statement's parameter; NULL for NULL. */
extern Datum subject_to_row(const Subject *subject, bool *isnull);

#endif							/* OOTSPG_EXCHANGE_SUBJECT_ROW_H */
