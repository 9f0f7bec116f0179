/*
 * trouble.h
 *		Pages for what goes wrong: in words, what happened, that nothing was
 *		sent, what to do now (UX-25).
 */
#ifndef PREVIEW_TROUBLE_H
#define PREVIEW_TROUBLE_H

#include "visit.h"

/* Counts a try that failed, by where it came from: kind link or sign-in. Until when the source is locked out, or NULL. */
extern const char *trouble_count(Visit *visit, const char *kind);

/* Unknown, foreign, altered, over: the same bytes for everybody (UX-24). Counts the try, and may lock. */
extern void trouble_neutral(Visit *visit, bool counts);
extern void trouble_locked(Visit *visit, const char *until);
extern void trouble_closed(Visit *visit);
/* passing: the database is away for a moment (503), else it has refused (500). */
extern void trouble_problem(Visit *visit, bool passing);
/* A form that is not of this browser, link and action */
extern void trouble_stale(Visit *visit);
extern void trouble_method(Visit *visit, const char *allowed);

/* Without settings and language: too large, too busy. */
extern void trouble_plain(Request *request, unsigned int status);

#endif
