/*
 * stamps.h
 *		Fetching time stamps for answers that wait for them: HTTP POSTs of the exchange worker. Whose turn it is and what
 *		becomes of the answer is decided in sql/ootspg/seal/authority.sql.
 */
#ifndef OOTSPG_WORKER_STAMPS_H
#define OOTSPG_WORKER_STAMPS_H

#include "datatype/timestamp.h"
#include "http/http.h"

extern void stamps_take_up(void);		/* in a transaction: what an earlier life had asked for and did not hear of */
extern void stamps_look_again(void);	/* answers that wait, or authorities, may have come */
extern TimestampTz stamps_due(void);	/* when there is something to ask; DT_NOEND: never */
extern bool stamps_take(void);			/* in a transaction: records answers, takes what is due; true: messages can be answered now */
extern void stamps_start(HttpClient *client);	/* what was taken */

/* A call has ended: true when it is one of this file's, whose answer is kept until it is recorded. */
extern bool stamps_ended(HttpCall *http);
extern bool stamps_has_answers(void);

#endif							/* OOTSPG_WORKER_STAMPS_H */
