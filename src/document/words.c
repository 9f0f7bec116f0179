/*
 * words.c
 *		The few words and manners that layouts need (words.h). Dates are written in
 *		figures where the language's order is not to be mistaken, in English with the
 *		month's name. One table a language, so that a translator sees all of it.
 */
#include "postgres.h"

#include <ctype.h>

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include "compat.h"
#include "document/words.h"

typedef struct Manner
{
	const char *language;
	const char *date;			/* Y, D and M stand for the parts, d and m for them without leading zeros, N for the month's English name */
	const char *mark;			/* before decimals */
	const char *group;			/* between thousands */
	const char *words[WORDS];
} Manner;

#define NBSP "\xc2\xa0"

static const Manner manners[] = {
	{"en", "d" NBSP "N" NBSP "Y", ".", ",",
	{"Issued by", "Date of issue", "Valid from", "Valid until", "Evidence identifier", "yes", "no", "Page %d of %d", "Translation"}},
	{"bg", "D.M.Y" NBSP "г.", ",", NBSP,
	{"Издаден от", "Дата на издаване", "Валиден от", "Валиден до", "Идентификатор на доказателството", "да", "не", "Страница %d от %d", "Превод"}},
	{"cs", "d." NBSP "m." NBSP "Y", ",", NBSP,
	{"Vydal", "Datum vydání", "Platné od", "Platné do", "Identifikátor dokladu", "ano", "ne", "Strana %d z %d", "Překlad"}},
	{"da", "D.M.Y", ",", ".",
	{"Udstedt af", "Udstedelsesdato", "Gyldig fra", "Gyldig til", "Dokumentationens identifikator", "ja", "nej", "Side %d af %d", "Oversættelse"}},
	{"de", "D.M.Y", ",", ".",
	{"Ausgestellt von", "Ausstellungsdatum", "Gültig ab", "Gültig bis", "Kennung des Nachweises", "ja", "nein", "Seite %d von %d", "Übersetzung"}},
	{"el", "D/M/Y", ",", ".",
	{"Εκδόθηκε από", "Ημερομηνία έκδοσης", "Ισχύει από", "Ισχύει έως", "Αναγνωριστικό αποδεικτικού", "ναι", "όχι", "Σελίδα %d από %d", "Μετάφραση"}},
	{"es", "D/M/Y", ",", NBSP,
	{"Expedido por", "Fecha de expedición", "Válido desde", "Válido hasta", "Identificador de la prueba", "sí", "no", "Página %d de %d", "Traducción"}},
	{"et", "D.M.Y", ",", NBSP,
	{"Väljaandja", "Väljaandmise kuupäev", "Kehtiv alates", "Kehtiv kuni", "Tõendi tunnus", "jah", "ei", "Lehekülg %d / %d", "Tõlge"}},
	{"fi", "d.m.Y", ",", NBSP,
	{"Myöntäjä", "Myöntämispäivä", "Voimassa alkaen", "Voimassa asti", "Todisteen tunniste", "kyllä", "ei", "Sivu %d / %d", "Käännös"}},
	{"fr", "D/M/Y", ",", NBSP,
	{"Délivré par", "Date de délivrance", "Valable à partir du", "Valable jusqu’au", "Identifiant du justificatif", "oui", "non", "Page %d sur %d", "Traduction"}},
	{"ga", "D/M/Y", ".", ",",
	{"Arna eisiúint ag", "Dáta eisiúna", "Bailí ó", "Bailí go dtí", "Aitheantóir na fianaise", "tá", "níl", "Leathanach %d as %d", "Aistriúchán"}},
	{"hr", "d." NBSP "m." NBSP "Y.", ",", ".",
	{"Izdao", "Datum izdavanja", "Vrijedi od", "Vrijedi do", "Identifikator dokaza", "da", "ne", "Stranica %d od %d", "Prijevod"}},
	{"hu", "Y." NBSP "M." NBSP "D.", ",", NBSP,
	{"Kiállító", "Kiállítás dátuma", "Érvényesség kezdete", "Érvényesség vége", "Igazolás azonosítója", "igen", "nem", "%d. oldal, összesen %d", "Fordítás"}},
	{"it", "D/M/Y", ",", ".",
	{"Rilasciato da", "Data di rilascio", "Valido dal", "Valido fino al", "Identificativo della prova", "sì", "no", "Pagina %d di %d", "Traduzione"}},
	{"lt", "Y-M-D", ",", NBSP,
	{"Išdavė", "Išdavimo data", "Galioja nuo", "Galioja iki", "Įrodymo identifikatorius", "taip", "ne", "%d puslapis iš %d", "Vertimas"}},
	{"lv", "D.M.Y.", ",", NBSP,
	{"Izdevējs", "Izdošanas datums", "Derīgs no", "Derīgs līdz", "Pierādījuma identifikators", "jā", "nē", "%d. lappuse no %d", "Tulkojums"}},
	{"mt", "D/M/Y", ".", ",",
	{"Maħruġ minn", "Data tal-ħruġ", "Validu minn", "Validu sa", "Identifikatur tal-evidenza", "iva", "le", "Paġna %d minn %d", "Traduzzjoni"}},
	{"nl", "D-M-Y", ",", ".",
	{"Afgegeven door", "Datum van afgifte", "Geldig vanaf", "Geldig tot en met", "Identificatie van het bewijs", "ja", "nee", "Pagina %d van %d", "Vertaling"}},
	{"pl", "D.M.Y", ",", NBSP,
	{"Wydane przez", "Data wydania", "Ważne od", "Ważne do", "Identyfikator dowodu", "tak", "nie", "Strona %d z %d", "Tłumaczenie"}},
	{"pt", "D/M/Y", ",", NBSP,
	{"Emitido por", "Data de emissão", "Válido desde", "Válido até", "Identificador do elemento de prova", "sim", "não", "Página %d de %d", "Tradução"}},
	{"ro", "D.M.Y", ",", ".",
	{"Emis de", "Data emiterii", "Valabil de la", "Valabil până la", "Identificatorul dovezii", "da", "nu", "Pagina %d din %d", "Traducere"}},
	{"sk", "d." NBSP "m." NBSP "Y", ",", NBSP,
	{"Vydal", "Dátum vydania", "Platné od", "Platné do", "Identifikátor dokladu", "áno", "nie", "Strana %d z %d", "Preklad"}},
	{"sl", "d." NBSP "m." NBSP "Y", ",", ".",
	{"Izdal", "Datum izdaje", "Velja od", "Velja do", "Identifikator dokazila", "da", "ne", "Stran %d od %d", "Prevod"}},
	{"sv", "Y-M-D", ",", NBSP,
	{"Utfärdat av", "Utfärdandedatum", "Giltigt från", "Giltigt till och med", "Bevisets identifierare", "ja", "nej", "Sida %d av %d", "Översättning"}}
};

static const char *const months[] = {
	"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"
};

static const Manner *
find_manner(const char *language)
{
	for (int i = 0; i < lengthof(manners); i++)
		if (strcmp(manners[i].language, language) == 0)
			return &manners[i];
	return NULL;
}

bool
words_know(const char *language)
{
	return find_manner(language) != NULL;
}

const char *
words_say(const char *language, Word word)
{
	const Manner *manner = find_manner(language);

	return (manner != NULL ? manner : &manners[0])->words[word];
}

/* Does the text begin as the pattern says, where 9 stands for any digit? */
static bool
looks_like(const char *text, const char *pattern)
{
	for (; *pattern != '\0'; text++, pattern++)
		if (*pattern == '9' ? !isdigit((unsigned char) *text) : *text != *pattern)
			return false;
	return true;
}

/* An xsd:date without time zone of the years 0001 to 9999, whatever follows it. */
static bool
begins_with_date(const char *text)
{
	int			month,
				day;

	if (!looks_like(text, "9999-99-99"))
		return false;
	month = atoi(text + 5);
	day = atoi(text + 8);
	return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static void
append_date(StringInfo out, const Manner *manner, const char *text)
{
	int			month = atoi(text + 5);

	/* a language without manners of its own gets the order that no other means */
	for (const char *p = manner != NULL ? manner->date : "Y-M-D"; *p != '\0'; p++)
	{
		switch (*p)
		{
			case 'Y':
				appendBinaryStringInfo(out, text, 4);
				break;
			case 'M':
				appendBinaryStringInfo(out, text + 5, 2);
				break;
			case 'D':
				appendBinaryStringInfo(out, text + 8, 2);
				break;
			case 'm':
				appendStringInfo(out, "%d", month);
				break;
			case 'd':
				appendStringInfo(out, "%d", atoi(text + 8));
				break;
			case 'N':
				appendStringInfoString(out, months[month - 1]);
				break;
			default:
				appendStringInfoChar(out, *p);
		}
	}
}

/* Z or an offset of hours and minutes, at the end. */
static bool
is_zone(const char *text)
{
	return strcmp(text, "Z") == 0 || ((*text == '+' || *text == '-') && looks_like(text + 1, "99:99") && text[6] == '\0');
}

static void
append_zone(StringInfo out, const char *zone)
{
	appendStringInfoString(out, NBSP "UTC");
	if (*zone != 'Z')
		appendStringInfoString(out, zone);
}

/* xsd:date and xsd:dateTime; NULL for other texts. */
static char *
write_moment(const Manner *manner, const char *text)
{
	StringInfoData out;
	const char *time = text + 11;
	const char *zone;

	if (!begins_with_date(text))
		return NULL;
	initStringInfo(&out);
	append_date(&out, manner, text);
	if (text[10] == '\0')
		return out.data;
	if (is_zone(text + 10))
	{
		append_zone(&out, text + 10);
		return out.data;
	}
	if (text[10] != 'T' || !looks_like(time, "99:99:99"))
		return NULL;
	zone = time + 8;
	if (*zone == '.')
	{
		zone++;
		zone += strspn(zone, "0123456789");
	}
	if (*zone != '\0' && !is_zone(zone))
		return NULL;
	appendStringInfo(&out, ", %.*s", (int) (zone - time), time);
	if (*zone != '\0')
		append_zone(&out, zone);
	return out.data;
}

/* xsd:decimal; NULL for other texts. */
static char *
write_number(const Manner *manner, const char *text, bool grouped)
{
	const char *digits = text + (*text == '-' || *text == '+');
	int			whole = strspn(digits, "0123456789");
	const char *rest = digits + whole;
	StringInfoData out;

	if (whole == 0 || (*rest != '\0' && (*rest != '.' || rest[1] == '\0' || rest[1 + strspn(rest + 1, "0123456789")] != '\0')))
		return NULL;
	initStringInfo(&out);
	if (*text == '-')
		appendStringInfoString(&out, "\xe2\x88\x92");	/* a minus, which no line breaks behind */
	for (int i = 0; i < whole; i++)
	{
		if (grouped && i > 0 && (whole - i) % 3 == 0)
			appendStringInfoString(&out, manner->group);
		appendStringInfoChar(&out, digits[i]);
	}
	if (*rest != '\0')
		appendStringInfo(&out, "%s%s", manner->mark, rest + 1);
	return out.data;
}

const char *
words_value(const char *language, ValueForm form, const char *text)
{
	const Manner *manner = find_manner(language);
	const char *written = NULL;

	if (form == FORM_UNKNOWN)
		written = write_moment(manner, text);
	else if (form == FORM_NUMBER || form == FORM_AMOUNT)
		written = manner != NULL ? write_number(manner, text, form == FORM_AMOUNT) : NULL;
	else if (form == FORM_TRUTH && (strcmp(text, "true") == 0 || strcmp(text, "1") == 0))
		written = words_say(language, WORD_YES);
	else if (form == FORM_TRUTH && (strcmp(text, "false") == 0 || strcmp(text, "0") == 0))
		written = words_say(language, WORD_NO);
	return written != NULL ? written : text;
}

/* Letters of Hebrew and Arabic, by their blocks and those of their presentation forms. */
static bool
is_right_to_left(pg_wchar c)
{
	return (c >= 0x590 && c <= 0x8ff) || (c >= 0xfb1d && c <= 0xfdff) || (c >= 0xfe70 && c <= 0xfeff);
}

static bool
is_letter(pg_wchar c)
{
	return c < 128 ? isalpha(c) : (c >= 0xc0 && c < 0x2000) || c >= 0x2c00;
}

bool
words_right_to_left(const char *text)
{
	for (const unsigned char *p = (const unsigned char *) text; *p != '\0'; p += pg_utf_mblen(p))
	{
		pg_wchar	c = utf8_to_unicode(p);

		if (is_right_to_left(c))
			return true;
		if (is_letter(c))
			return false;
	}
	return false;
}
