/*
 * characters.h
 *		Which characters XML has, and which of them a name has: one place for
 *		what is read and what is written.
 */
#ifndef OOTSPG_XML_CHARACTERS_H
#define OOTSPG_XML_CHARACTERS_H

/*
 * The first byte that is not UTF-8 of characters that XML allows (production 2), with a
 * constant reason; NULL when all are, and then *ascii says whether none is above 0x7f.
 */
extern const char *xml_unsound_at(const char *from, const char *end, bool *ascii, const char **reason);

/* &#…; of a character that XML allows: p stands after "&#", to ends the text. Behind it, or NULL. */
extern const char *xml_character_reference_end(const char *p, const char *to);

/* Where the name without colon (production 4 of namespaces) ends that begins here; name itself when none does. */
extern const char *xml_ncname_end(const char *name, const char *end);

#endif							/* OOTSPG_XML_CHARACTERS_H */
