/*
 * pages.h
 *		The pages of a living session, each of which writes the response of
 *		its visit.
 */
#ifndef PREVIEW_PAGES_H
#define PREVIEW_PAGES_H

#include "choices.h"
#include "visit.h"

/* The page that the database has named, whatever it is. */
extern void pages_show(Visit *visit);

extern void page_welcome(Visit *visit);				/* welcome.c */
extern void page_sign_in(Visit *visit);				/* identity.c */
extern void page_signed_in(Visit *visit);
extern void page_somebody_else(Visit *visit);
extern void page_other_browser(Visit *visit);
extern void page_more(Visit *visit, const Json *errors);	/* more.c */
extern void page_list(Visit *visit, const Choices *choices, bool incomplete);	/* list.c */
extern void page_piece(Visit *visit, const Json *piece, const Choices *choices, bool incomplete);	/* piece.c */
extern void page_check(Visit *visit, const Choices *choices);	/* decide.c */
extern void page_send_nothing(Visit *visit, const Choices *choices);
extern void page_later(Visit *visit);
extern void page_waiting(Visit *visit);				/* ending.c */
extern void page_done(Visit *visit);
extern void page_over(Visit *visit);
extern void page_nothing_found(Visit *visit);
extern void page_help(Visit *visit);				/* about.c */
extern void page_privacy(Visit *visit);
extern void page_accessibility(Visit *visit);

/* What a form of attributes says, as JSON for the database. */
extern const char *more_answers(Visit *visit);

#endif
