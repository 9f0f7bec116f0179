/*
 * model.h
 *		Data models as rows of ootspg.data_model.
 */
#ifndef OOTSPG_EVIDENCE_MODEL_H
#define OOTSPG_EVIDENCE_MODEL_H

#include "evidence/piece.h"

/*
 * The model's row, in the current memory context; NULL when there is none.
 * conforms_to is its location on the line, NULL when it has none there (or the
 * line is EDM_NONE); a subset's path is the caller's to add. Runs in SPI with the
 * current user's rights; connects itself.
 */
extern DataModel *data_model_load(const char *model, const char *version, EdmLine line);

#endif							/* OOTSPG_EVIDENCE_MODEL_H */
