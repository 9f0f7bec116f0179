/*
 * unicode.h
 *		Normalisation that is the same on every server, for what is kept: keys of names and of persons.
 */
#ifndef OOTSPG_UNICODE_H
#define OOTSPG_UNICODE_H

#include "common/unicode_norm.h"

/*
 * The normal form of a zero-terminated text by Unicode 14, palloc'd; SQL's normalize() gives that of the server's
 * version. The cost is the square of the marks that follow one another.
 */
extern pg_wchar *unicode_fixed(UnicodeNormalizationForm form, const pg_wchar *code);

#endif							/* OOTSPG_UNICODE_H */
