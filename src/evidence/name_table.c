/*
 * name_table.c
 *		The folding table of D-IDM-12, policy version 1. One table for all
 *		languages, because a name does not say which language it is in. A spelling is
 *		listed when a passport, a civil register or the Latin edition of one writes
 *		it so: ICAO Doc 9303 part 3, ELOT 743, the Bulgarian, Ukrainian, Serbian and
 *		Macedonian laws, the Baltic, Estonian and Polish ways with Cyrillic names.
 *
 *		Every line must keep its spellings equal under the coarse key (name_key.c);
 *		the regression test proves it for each line. That is why a few rare
 *		spellings are absent (ж as j, џ as dj, ћ as tj, αυ as au would merge letters
 *		of the key that are worth more apart), and why й and ъ have lines with their
 *		neighbours: alone, й as j and a silent ъ would drop all vowels from the key.
 */
#include "postgres.h"

#include "evidence/name_fold.h"

/* Sorted by code point. A letter not listed stands for itself without its marks. */
const NameEntry name_entries[] = {
	{U'i', U'j', "ij|y"},
	{U'ß', 0, "ss|sz"},
	{U'ä', 0, "a|ae"},
	{U'å', 0, "a|aa"},
	{U'æ', 0, "ae"},
	{U'ð', 0, "d"},
	{U'ö', 0, "o|oe"},
	{U'ø', 0, "o|oe"},
	{U'ü', 0, "u|ue"},
	{U'þ', 0, "th"},
	{U'č', 0, "c|ch"},
	{U'đ', 0, "d|dj"},
	{U'ħ', 0, "h"},
	{U'ı', 0, "i"},
	{U'ĸ', 0, "k"},
	{U'ł', 0, "l"},
	{U'ŋ', 0, "n"},
	{U'œ', 0, "oe"},
	{U'š', 0, "s|sh"},
	{U'ŧ', 0, "t"},
	{U'ž', 0, "z|zh"},
	{U'ǥ', 0, "g"},
	{U'ə', 0, "e"},
	{U'ʒ', 0, "z"},
	{U'α', 0, "a"},
	{U'α', U'υ', "av|af"},
	{U'β', 0, "v"},
	{U'γ', 0, "g"},
	{U'γ', U'γ', "ng|gg"},
	{U'γ', U'κ', "gk|g|ng"},
	{U'γ', U'ξ', "nx|nks"},
	{U'γ', U'χ', "nch|nh|nkh"},
	{U'δ', 0, "d"},
	{U'ε', 0, "e"},
	{U'ε', U'υ', "ev|ef"},
	{U'ζ', 0, "z"},
	{U'η', 0, "i"},
	{U'η', U'υ', "iv|if"},
	{U'θ', 0, "th"},
	{U'ι', 0, "i"},
	{U'κ', 0, "k"},
	{U'λ', 0, "l"},
	{U'μ', 0, "m"},
	{U'μ', U'π', "mp|b"},
	{U'ν', 0, "n"},
	{U'ν', U'τ', "nt|d"},
	{U'ξ', 0, "x|ks"},
	{U'ο', 0, "o"},
	{U'ο', U'υ', "ou|u|oy"},
	{U'π', 0, "p"},
	{U'ρ', 0, "r"},
	{U'σ', 0, "s"},
	{U'τ', 0, "t"},
	{U'υ', 0, "y|i"},
	{U'φ', 0, "f"},
	{U'χ', 0, "ch|h|kh"},
	{U'ψ', 0, "ps"},
	{U'ω', 0, "o"},
	{U'ϊ', 0, "i"},
	{U'ϋ', 0, "y|i"},
	{U'а', 0, "a"},
	{U'а', U'й', "ay|ai|aj"},
	{U'б', 0, "b"},
	{U'в', 0, "v|w"},
	{U'г', 0, "g|h"},
	{U'д', 0, "d"},
	{U'е', 0, "e|ye|je"},
	{U'е', U'й', "ey|ei|ej|yey|jej"},
	{U'ж', 0, "zh|z"},
	{U'з', 0, "z"},
	{U'з', U'г', "zg|zgh|zh"},
	{U'и', 0, "i|y"},
	{U'и', U'й', "y|iy|i|ii|ij|yi|yj|yy"},
	{U'и', U'я', "ia|iya|iia|ija|ya|ja"},
	{U'й', 0, "y|i"},
	{U'й', U'а', "ya|ia|ja"},
	{U'й', U'е', "ye|ie|je"},
	{U'й', U'о', "yo|io|jo"},
	{U'й', U'у', "yu|iu|ju"},
	{U'к', 0, "k"},
	{U'к', U'с', "ks|x"},
	{U'л', 0, "l"},
	{U'м', 0, "m"},
	{U'н', 0, "n"},
	{U'о', 0, "o"},
	{U'о', U'й', "oy|oi|oj"},
	{U'п', 0, "p"},
	{U'р', 0, "r"},
	{U'с', 0, "s"},
	{U'т', 0, "t"},
	{U'у', 0, "u"},
	{U'у', U'й', "uy|ui|uj"},
	{U'ф', 0, "f"},
	{U'х', 0, "kh|h|ch"},
	{U'ц', 0, "ts|tz|tc|c"},
	{U'ч', 0, "ch|c|cz|tsh"},
	{U'ш', 0, "sh|s|sz"},
	{U'щ', 0, "shch|sht|sc|szcz|shtsh"},
	{U'ъ', 0, "a"},
	{U'ъ', U'е', "e|ye|je|ie|iee"},
	{U'ъ', U'ю', "yu|iu|ju|ieiu|ieyu"},
	{U'ъ', U'я', "ya|ia|ja|ieia|ieya"},
	{U'ъ', U'ё', "e|yo|io|jo|ye|iee"},
	{U'ы', 0, "y|i|o"},
	{U'ы', U'й', "y|yy|yi|yj|i|oi"},
	{U'ь', 0, ""},
	{U'ь', U'е', "e|ye|ie|je"},
	{U'ь', U'о', "o|io|yo|jo"},
	{U'э', 0, "e"},
	{U'э', U'й', "ey|ei|ej"},
	{U'ю', 0, "yu|iu|ju"},
	{U'ю', U'й', "yuy|iui|juj"},
	{U'я', 0, "ya|ia|ja"},
	{U'я', U'й', "yay|iai|jaj"},
	{U'ё', 0, "e|yo|io|jo|ye"},
	{U'ђ', 0, "d|dj"},
	{U'ѓ', 0, "g|gj"},
	{U'є', 0, "ie|ye|e|je"},
	{U'ѕ', 0, "dz"},
	{U'і', 0, "i"},
	{U'і', U'й', "ii|iy|ij|i|y"},
	{U'і', U'я', "iia|ia|iya|ija"},
	{U'ї', 0, "i|yi|ji"},
	{U'ј', 0, "j"},
	{U'љ', 0, "lj"},
	{U'њ', 0, "nj"},
	{U'ћ', 0, "c"},
	{U'ќ', 0, "k|kj"},
	{U'ў', 0, "u"},
	{U'џ', 0, "dz|dzh"},
	{U'ѳ', 0, "f"},
	{U'ѵ', 0, "i"},
	{U'ґ', 0, "g"},
};
const int	name_entry_count = lengthof(name_entries);

/* Letters whose mark carries a spelling or a sound of its own; all other marks are stripped. */
static const struct
{
	pg_wchar	base;
	pg_wchar	mark;
	pg_wchar	letter;
}			marked_letters[] = {
	{U'a', 0x0308, U'ä'}, {U'a', 0x030A, U'å'}, {U'o', 0x0308, U'ö'}, {U'u', 0x0308, U'ü'},
	{U'c', 0x030C, U'č'}, {U's', 0x030C, U'š'}, {U'z', 0x030C, U'ž'}, {U'ʒ', 0x030C, U'ž'},
	{U'ι', 0x0308, U'ϊ'}, {U'υ', 0x0308, U'ϋ'},
	{U'и', 0x0306, U'й'}, {U'у', 0x0306, U'ў'}, {U'е', 0x0308, U'ё'}, {U'і', 0x0308, U'ї'},
	{U'г', 0x0301, U'ѓ'}, {U'к', 0x0301, U'ќ'}
};

/* Capitals that no arithmetic below finds; capitals with marks are decomposed before. */
static const struct
{
	pg_wchar	upper;
	pg_wchar	lower;
}			single_capitals[] = {
	{U'Æ', U'æ'}, {U'Ð', U'ð'}, {U'Ø', U'ø'}, {U'Þ', U'þ'}, {U'ẞ', U'ß'},
	{U'Đ', U'đ'}, {0x0189, U'đ'}, {U'Ħ', U'ħ'}, {U'Ł', U'ł'}, {U'Ŋ', U'ŋ'}, {U'Œ', U'œ'}, {U'Ŧ', U'ŧ'},
	{U'Ə', U'ə'}, {U'Ǝ', U'ə'}, {U'ǝ', U'ə'}, {U'Ʒ', U'ʒ'}, {U'Ǥ', U'ǥ'},
	{U'ς', U'σ'}, {0x04C0, 0x04CF}
};

static inline uint64
entry_order(pg_wchar first, pg_wchar second)
{
	return ((uint64) first << 32) | second;
}

const NameEntry *
name_entry(pg_wchar first, pg_wchar second)
{
	uint64		wanted = entry_order(first, second);
	int			low = 0;
	int			high = name_entry_count;

	while (low < high)
	{
		int			middle = (low + high) / 2;
		const NameEntry *entry = &name_entries[middle];
		uint64		found = entry_order(entry->first, entry->second);

		if (found == wanted)
			return entry;
		if (found < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

pg_wchar
name_marked_letter(pg_wchar base, pg_wchar mark)
{
	for (int i = 0; i < (int) lengthof(marked_letters); i++)
		if (marked_letters[i].base == base && marked_letters[i].mark == mark)
			return marked_letters[i].letter;
	return 0;
}

/* Case folding of the bicameral scripts of Europe and its neighbours. */
pg_wchar
name_lower(pg_wchar letter)
{
	if (letter < 0x80)
		return letter >= 'A' && letter <= 'Z' ? letter + 32 : letter;
	if (letter >= 0x0391 && letter <= 0x03A9)	/* Greek */
		return letter + 32;
	if (letter >= 0x0410 && letter <= 0x042F)	/* Cyrillic */
		return letter + 32;
	if (letter >= 0x0400 && letter <= 0x040F)
		return letter + 80;
	if ((letter >= 0x0460 && letter <= 0x0481) || (letter >= 0x048A && letter <= 0x04BF) ||
		(letter >= 0x04D0 && letter <= 0x052F))
		return letter | 1;
	if (letter >= 0x04C1 && letter <= 0x04CE)
		return letter + (letter & 1);
	if (letter >= 0x0531 && letter <= 0x0556)	/* Armenian */
		return letter + 48;
	if (letter >= 0x10A0 && letter <= 0x10C5)	/* Georgian, old capitals */
		return letter + 48;
	if (letter >= 0x1C90 && letter <= 0x1CBF)	/* Georgian, new capitals */
		return letter - 3008;
	for (int i = 0; i < (int) lengthof(single_capitals); i++)
		if (single_capitals[i].upper == letter)
			return single_capitals[i].lower;
	return letter;
}
