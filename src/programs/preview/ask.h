/*
 * ask.h
 *		What a page needs before it can be written: the word of the database,
 *		and a form that is ours. When it is not to be had, the page that says so
 *		is written instead: this stands above pages and troubles, visits below.
 */
#ifndef PREVIEW_ASK_H
#define PREVIEW_ASK_H

#include "visit.h"

/* Calls and understands; false: the page that says what went wrong is written. */
extern bool visit_call(Visit *visit, DbFunction function, const char *const *parameters);
extern bool visit_look(Visit *visit);
/* The form was made for this browser, link and action; false: the page that says so is written. */
extern bool visit_form_is_ours(Visit *visit, const char *action);

#endif
