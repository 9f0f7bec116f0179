/*
 * composite.h
 *		A composite value as canonical XML: its attributes are the elements, in
 *		their order. doc/documents.md describes the rules for users.
 */
#ifndef OOTSPG_EVIDENCE_COMPOSITE_H
#define OOTSPG_EVIDENCE_COMPOSITE_H

#include "evidence/piece.h"
#include "lib/stringinfo.h"

/* Append the row, a composite value or record, as an element named by the model. */
extern void composite_build(Datum row, const char *column, const DataModel *model, StringInfo out);

/* Can values of this composite type be written? Raises ERRCODE_OOTS_CONFIGURATION when not. */
extern void composite_check(Oid type, const char *column, const DataModel *model);

/* The name of an attribute's element; palloc'd or the attribute's own. */
extern const char *composite_element_name(const char *attribute, bool camel);

/* Before there is a model, a composite type is its own: its name is the root. In the current memory context. */
extern DataModel *composite_own_model(Oid type);

#endif							/* OOTSPG_EVIDENCE_COMPOSITE_H */
