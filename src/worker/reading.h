/*
 * reading.h
 *		Reading back what directories publish: HTTP GETs of the exchange worker. What is
 *		asked and what an answer means is decided in sql/ootspg/directory/reading.sql and registration_keep.sql.
 */
#ifndef OOTSPG_WORKER_READING_H
#define OOTSPG_WORKER_READING_H

#include "datatype/timestamp.h"
#include "http/http.h"

typedef struct Reading Reading;

extern void reading_look_again(void);	/* sources or readings may have changed */
extern TimestampTz reading_due(void);	/* when there is something to ask; DT_NOEND: never */
extern void reading_take(void);			/* in a transaction: what is due */
extern void reading_start(HttpClient *client);	/* what was taken */

/* A call has ended: true when it is one of this file's, whose answer is kept until it is recorded. */
extern bool reading_ended(HttpCall *http);
extern bool reading_has_answers(void);
extern void reading_record(void);		/* in a transaction; nothing about an answer is raised */

#endif							/* OOTSPG_WORKER_READING_H */
