/*
 * question.h
 *		What the exchange worker asks services that are no access points, directories and time-stamping authorities: taken in
 *		a transaction, asked without one, kept until its answer is recorded in the next.
 */
#ifndef OOTSPG_WORKER_QUESTION_H
#define OOTSPG_WORKER_QUESTION_H

#include "postgres.h"

#include "http/http.h"
#include "nodes/pg_list.h"

/* The questions of one kind; the lists live in TopMemoryContext. */
typedef struct Questions
{
	List	   *taken;			/* to be asked */
	List	   *under_way;
	List	   *answered;		/* to be recorded, by whoever owns them */
} Questions;

/* Starts the call, whose tag is the question; false when there is none to make, so that it has its answer already. */
typedef bool (*QuestionStarter) (HttpClient *client, void *question);

extern void questions_start(Questions *questions, HttpClient *client, QuestionStarter start);

/* A call has ended: its question is answered, if it is one of these. */
extern bool questions_ended(Questions *questions, HttpCall *http);

#endif							/* OOTSPG_WORKER_QUESTION_H */
