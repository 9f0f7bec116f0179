/*
 * partition.h
 *		Where audit rows of a moment stand: in the partition of their month or, while
 *		there is none, in the catch-all, from which ootspg.maintain() moves them.
 */
#ifndef OOTSPG_AUDIT_PARTITION_H
#define OOTSPG_AUDIT_PARTITION_H

#include "datatype/timestamp.h"

/*
 * Rows of the moment may be written from here to the end of the transaction, whatever others do
 * to the partitions. Waits for nobody but one who is attaching a partition just now.
 */
extern void audit_prepare(TimestampTz moment);

/*
 * Where a row of the moment goes, of exchange_event or evidence_event: a partition, which nobody detaches before the
 * transaction ends, or the parent itself where only a statement may write (row.h).
 */
extern Oid	audit_place(const char *parent, TimestampTz moment);

#endif							/* OOTSPG_AUDIT_PARTITION_H */
