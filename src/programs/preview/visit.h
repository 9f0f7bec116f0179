/*
 * visit.h
 *		One request for a page: the language it is answered in, what the
 *		database says of its link, and the names that texts put in.
 */
#ifndef PREVIEW_VISIT_H
#define PREVIEW_VISIT_H

#include <time.h>

#include "request.h"
#include "writer.h"

typedef struct Visit
{
	Request    *request;
	Db		   *db;
	Settings   *settings;
	Writer		writer;
	const char *root;			/* path of the link's page; "" without a link */
	const char *self;			/* path of the present page, for the language switch */
	const Json *answer;
	const Json *facts;
	const Json *pieces;
	const char *page;			/* where the session stands; NULL before the database was asked */
	bool		has_deadline;
	time_t		deadline;
	const char *switch_form;	/* a page with choices: the form that the language switch hands in, so that they are kept */
} Visit;

extern void visit_begin(Visit *visit, Request *request, Db *db);
extern void visit_end(Visit *visit);

/* What the database has answered, as JSON; false: it is none of the interface's answers. */
extern bool visit_take_answer(Visit *visit, const char *text);
extern bool visit_is(const Visit *visit, const char *page);

/* The browser's secret, made now when it has none, and the cookie that keeps it. */
extern const char *visit_browser(Visit *visit);

extern const char *visit_moment(Visit *visit, time_t moment);
/* "" for what is none */
extern const char *visit_moment_of(Visit *visit, const Json *object, const char *name);

/* The nth piece (from 1); NULL: there is none. */
extern const Json *visit_piece(const Visit *visit, long n);
/* Its title, never NULL */
extern Words visit_title(const Visit *visit, const Json *piece);

#endif
