/*
 * page.h
 *		What all pages share: head, header with mark and languages, footer, and
 *		the pieces that several of them have.
 */
#ifndef PREVIEW_PAGE_H
#define PREVIEW_PAGE_H

#include "visit.h"

typedef struct PageHead
{
	unsigned int status;
	TextId		title;
	Words		object;			/* what it is about, for the title of the window; may be empty */
	bool		error;			/* a choice is missing: said in the title, and the heading does not take the focus */
	bool		warn;			/* the script warns before the deadline */
	const char *poll;			/* path that the script asks whether there is news; NULL: none */
} PageHead;

extern void page_begin(Visit *visit, const PageHead *head);
extern void page_end(Visit *visit);

/* All of the facts, or only who asks, about whom and until when. */
extern void page_facts(Visit *visit, bool all);
extern void page_row_begin(Writer *writer, TextId name);	/* of a list of facts; its value and </dd></div> follow */
/* <form method="post">, with its token; it is closed by page_form_end(). */
extern void page_form(Visit *visit, const char *path, const char *action, const char *id);
extern void page_form_end(Visit *visit);
extern void page_hidden(Visit *visit, const char *name, const char *value);
/* The way back to the portal as far as it is known. */
extern void page_way_back(Visit *visit);
extern void page_link(Visit *visit, const char *class, const char *path, TextId text);
extern void page_button(Visit *visit, const char *class, const char *name, const char *value, TextId text);
/* An address elsewhere, its host said; nothing unless it is https. */
extern void page_elsewhere(Visit *visit, const char *url, TextId text);
/* The host of an https address without control characters and quotes; NULL for all else. */
extern const char *url_host(Arena *arena, const char *url);

#endif
