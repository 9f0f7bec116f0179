/*
 * words.h
 *		What a document says of itself in the languages of the Union, and how each
 *		language writes dates and numbers.
 */
#ifndef OOTSPG_DOCUMENT_WORDS_H
#define OOTSPG_DOCUMENT_WORDS_H

typedef enum Word
{
	WORD_ISSUER,
	WORD_ISSUED,
	WORD_VALID_FROM,
	WORD_VALID_UNTIL,
	WORD_IDENTIFIER,
	WORD_YES,
	WORD_NO,
	WORD_PAGE,					/* with %d of %d in it */
	WORD_TRANSLATION,
	WORDS
} Word;

/* How a value is to be written; the forms of ootspg.data_model_field. */
typedef enum ValueForm
{
	FORM_UNKNOWN,				/* dates and times by their shape, all else as it stands */
	FORM_TEXT,					/* as it stands */
	FORM_NUMBER,				/* the language's decimal mark */
	FORM_AMOUNT,				/* and its groups of thousands */
	FORM_TRUTH					/* yes or no */
} ValueForm;

/* A constant, in English where the language has none of its own; language is lower case. */
extern const char *words_say(const char *language, Word word);
extern bool words_know(const char *language);

/*
 * The value in the language's manner: the text itself where nothing is to be changed,
 * else palloc'd. What the value says is never changed: a text that is no date, number
 * or truth value of XML Schema stays as it is.
 */
extern const char *words_value(const char *language, ValueForm form, const char *text);

/* Is the text written from right to left: is its first letter with a direction of its own Hebrew or Arabic? */
extern bool words_right_to_left(const char *text);

#endif							/* OOTSPG_DOCUMENT_WORDS_H */
