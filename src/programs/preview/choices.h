/*
 * choices.h
 *		What the user has chosen so far for each piece: it travels in the forms.
 */
#ifndef PREVIEW_CHOICES_H
#define PREVIEW_CHOICES_H

#include "visit.h"

#define MOST_PIECES 200

typedef enum Choice
{
	CHOICE_OPEN, CHOICE_USE, CHOICE_REFUSE
} Choice;

typedef struct Choices
{
	Choice		of[MOST_PIECES + 1];	/* by number of the piece */
	int			open;
	int			use;
	int			refuse;
} Choices;

extern void choices_read(const Visit *visit, Choices *choices);
/* The same for all of them. */
extern void choices_set(const Visit *visit, Choices *choices, Choice choice);
/* A piece that is not there yet cannot be chosen. */
extern bool piece_is_ready(const Json *piece);
extern const char *choice_field(Arena *arena, long piece);
/* Hidden fields; skip: the piece whose choice stands on the page itself, 0 none. */
extern void choices_carry(Visit *visit, const Choices *choices, long skip);
/* The two radio buttons (UX-12). */
extern void choices_ask(Visit *visit, const Json *piece, Choice choice, bool incomplete);
/* The list of what is missing, which takes the focus (UX-14). */
extern void choices_summary(Visit *visit, const Choices *choices, long only);
/* Arrays for preview_decide(). Pieces that are not there yet are refused. */
extern const char *choices_array(const Visit *visit, const Choices *choices, Choice choice);

#endif
