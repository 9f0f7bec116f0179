/*
 * languages.c
 *		The 24 official languages: plural forms, dates, clock times, and which
 *		of them a browser asks for.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "languages.h"

/* The rules of Unicode CLDR for whole numbers, in the order of gettext's forms. */
static int
plural_one(long n)
{
	return n != 1;
}

static int
plural_french(long n)
{
	return n > 1;
}

static int
plural_slavic(long n)
{
	if (n % 10 == 1 && n % 100 != 11)
		return 0;
	return n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 10 || n % 100 >= 20) ? 1 : 2;
}

static int
plural_polish(long n)
{
	return n == 1 ? 0 : n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 10 || n % 100 >= 20) ? 1 : 2;
}

static int
plural_czech(long n)
{
	return n == 1 ? 0 : n >= 2 && n <= 4 ? 1 : 2;
}

static int
plural_slovenian(long n)
{
	return n % 100 == 1 ? 0 : n % 100 == 2 ? 1 : n % 100 == 3 || n % 100 == 4 ? 2 : 3;
}

static int
plural_latvian(long n)
{
	return n % 10 == 1 && n % 100 != 11 ? 0 : n != 0 ? 1 : 2;
}

static int
plural_lithuanian(long n)
{
	if (n % 10 == 1 && n % 100 != 11)
		return 0;
	return n % 10 >= 2 && (n % 100 < 10 || n % 100 >= 20) ? 1 : 2;
}

static int
plural_romanian(long n)
{
	return n == 1 ? 0 : n == 0 || (n % 100 > 0 && n % 100 < 20) ? 1 : 2;
}

static int
plural_irish(long n)
{
	return n == 1 ? 0 : n == 2 ? 1 : n < 7 ? 2 : n < 11 ? 3 : 4;
}

static int
plural_maltese(long n)
{
	return n == 1 ? 0 : n == 0 || (n % 100 > 1 && n % 100 < 11) ? 1 : n % 100 > 10 && n % 100 < 20 ? 2 : 3;
}

const Language languages[LANGUAGE_COUNT] = {
	{"bg", "български", 2, plural_one, "D M Y г.", "H:I ч.", "@, #", ',',
	{"януари", "февруари", "март", "април", "май", "юни", "юли", "август", "септември", "октомври", "ноември", "декември"}},
	{"es", "español", 2, plural_one, "D de M de Y", "G:I h", "#, @", ',',
	{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}},
	{"cs", "čeština", 3, plural_czech, "D. M Y", "G:I", "# @", ',',
	{"ledna", "února", "března", "dubna", "května", "června", "července", "srpna", "září", "října", "listopadu", "prosince"}},
	{"da", "dansk", 2, plural_one, "D. M Y", "kl. H.I", "# @", ',',
	{"januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december"}},
	{"de", "Deutsch", 2, plural_one, "D. M Y", "H:I Uhr", "#, @", ',',
	{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}},
	{"et", "eesti", 2, plural_one, "D. M Y", "kell H.I", "# @", ',',
	{"jaanuar", "veebruar", "märts", "aprill", "mai", "juuni", "juuli", "august", "september", "oktoober", "november", "detsember"}},
	{"el", "ελληνικά", 2, plural_one, "D M Y", "H:I", "#, @", ',',
	{"Ιανουαρίου", "Φεβρουαρίου", "Μαρτίου", "Απριλίου", "Μαΐου", "Ιουνίου", "Ιουλίου", "Αυγούστου", "Σεπτεμβρίου", "Οκτωβρίου", "Νοεμβρίου", "Δεκεμβρίου"}},
	{"en", "English", 2, plural_one, "D M Y", "H:I", "@ on #", '.',
	{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}},
	{"fr", "français", 2, plural_french, "D M Y", "G h I", "# à @", ',',
	{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}},
	{"ga", "Gaeilge", 5, plural_irish, "D M Y", "H:I", "@, #", '.',
	{"Eanáir", "Feabhra", "Márta", "Aibreán", "Bealtaine", "Meitheamh", "Iúil", "Lúnasa", "Meán Fómhair", "Deireadh Fómhair", "Samhain", "Nollaig"}},
	{"hr", "hrvatski", 3, plural_slavic, "D. M Y.", "H:I", "# u @", ',',
	{"siječnja", "veljače", "ožujka", "travnja", "svibnja", "lipnja", "srpnja", "kolovoza", "rujna", "listopada", "studenoga", "prosinca"}},
	{"it", "italiano", 2, plural_one, "D M Y", "H:I", "# alle @", ',',
	{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"}},
	{"lv", "latviešu", 3, plural_latvian, "Y. gada D. M", "plkst. G.I", "#, @", ',',
	{"janvāris", "februāris", "marts", "aprīlis", "maijs", "jūnijs", "jūlijs", "augusts", "septembris", "oktobris", "novembris", "decembris"}},
	{"lt", "lietuvių", 3, plural_lithuanian, "Y m. M D d.", "H.I val.", "# @", ',',
	{"sausio", "vasario", "kovo", "balandžio", "gegužės", "birželio", "liepos", "rugpjūčio", "rugsėjo", "spalio", "lapkričio", "gruodžio"}},
	{"hu", "magyar", 2, plural_one, "Y. M D.", "G.I", "# @", ',',
	{"január", "február", "március", "április", "május", "június", "július", "augusztus", "szeptember", "október", "november", "december"}},
	{"mt", "Malti", 4, plural_maltese, "D ta’ M Y", "H:I", "@, #", '.',
	{"Jannar", "Frar", "Marzu", "April", "Mejju", "Ġunju", "Lulju", "Awwissu", "Settembru", "Ottubru", "Novembru", "Diċembru"}},
	{"nl", "Nederlands", 2, plural_one, "D M Y", "H.I uur", "# om @", ',',
	{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"}},
	{"pl", "polski", 3, plural_polish, "D M Y r.", "H:I", "#, godz. @", ',',
	{"stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października", "listopada", "grudnia"}},
	{"pt", "português", 2, plural_one, "D de M de Y", "GhI", "# às @", ',',
	{"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"}},
	{"ro", "română", 3, plural_romanian, "D M Y", "ora H:I", "#, @", ',',
	{"ianuarie", "februarie", "martie", "aprilie", "mai", "iunie", "iulie", "august", "septembrie", "octombrie", "noiembrie", "decembrie"}},
	{"sk", "slovenčina", 3, plural_czech, "D. M Y", "G:I hod.", "#, @", ',',
	{"januára", "februára", "marca", "apríla", "mája", "júna", "júla", "augusta", "septembra", "októbra", "novembra", "decembra"}},
	{"sl", "slovenščina", 4, plural_slovenian, "D. M Y", "G.I", "# ob @", ',',
	{"januarja", "februarja", "marca", "aprila", "maja", "junija", "julija", "avgusta", "septembra", "oktobra", "novembra", "decembra"}},
	{"fi", "suomi", 2, plural_one, "D. M Y", "klo G.I", "# @", ',',
	{"tammikuuta", "helmikuuta", "maaliskuuta", "huhtikuuta", "toukokuuta", "kesäkuuta", "heinäkuuta", "elokuuta", "syyskuuta", "lokakuuta", "marraskuuta", "joulukuuta"}},
	{"sv", "svenska", 2, plural_one, "D M Y", "kl. H.I", "# @", ',',
	{"januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"}},
};

const Language *
language_find(const char *code, size_t len)
{
	if (code == NULL || len < 2 || (len > 2 && code[2] != '-'))
		return NULL;
	for (int i = 0; i < LANGUAGE_COUNT; i++)
		if (strncasecmp(languages[i].code, code, 2) == 0)
			return &languages[i];
	return NULL;
}

const Language *
language_english(void)
{
	return language_find("en", 2);
}

int
language_index(const Language *language)
{
	return (int) (language - languages);
}

const char *
language_own_name(const char *code)
{
	const Language *language = code ? language_find(code, strlen(code)) : NULL;

	return language ? language->name : NULL;
}

/* The q of one entry in thousandths; 1000 when it has none. */
static int
quality(const char *entry, size_t len)
{
	for (size_t i = 0; i + 2 < len; i++)
		if ((entry[i] == 'q' || entry[i] == 'Q') && entry[i + 1] == '=')
		{
			int			value = entry[i + 2] == '1' ? 1000 : 0;
			int			scale = 100;

			if (i + 3 < len && entry[i + 3] == '.')
				for (size_t j = i + 4; j < len && entry[j] >= '0' && entry[j] <= '9' && scale > 0; j++, scale /= 10)
					value += (entry[j] - '0') * scale;
			return value > 1000 ? 1000 : value;
		}
	return 1000;
}

const Language *
language_negotiate(const char *header, unsigned int offered)
{
	const Language *best = NULL;
	int			best_quality = 0;

	for (int entries = 0; header && *header && entries < 50; entries++)
	{
		size_t		len;

		header += strspn(header, " \t,");
		len = strcspn(header, ",");
		size_t		tag = strcspn(header, ",; \t");
		const Language *language = language_find(header, tag);
		int			q = quality(header, len);

		if (language && (offered & 1U << language_index(language)) && q > best_quality)
		{
			best = language;
			best_quality = q;
		}
		header += len;
	}
	return best;
}
