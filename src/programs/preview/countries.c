/*
 * countries.c
 *		The names of the countries that ask one another, in every language:
 *		the Union's and those of the European Economic Area.
 */
#include <string.h>

#include "languages.h"

#define COUNTRY_COUNT 30

static const char codes[COUNTRY_COUNT][3] = {
	"AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "EL", "HU", "IE", "IT",
	"LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "IS", "LI", "NO"
};

/* In the order of codes[], by language in the order of languages[]. */
static const char *const names[LANGUAGE_COUNT] = {
	/* bg */ "Австрия|Белгия|България|Хърватия|Кипър|Чехия|Дания|Естония|Финландия|Франция|Германия|Гърция|Унгария|Ирландия|Италия|Латвия|Литва|Люксембург|Малта|Нидерландия|Полша|Португалия|Румъния|Словакия|Словения|Испания|Швеция|Исландия|Лихтенщайн|Норвегия",
	/* es */ "Austria|Bélgica|Bulgaria|Croacia|Chipre|Chequia|Dinamarca|Estonia|Finlandia|Francia|Alemania|Grecia|Hungría|Irlanda|Italia|Letonia|Lituania|Luxemburgo|Malta|Países Bajos|Polonia|Portugal|Rumanía|Eslovaquia|Eslovenia|España|Suecia|Islandia|Liechtenstein|Noruega",
	/* cs */ "Rakousko|Belgie|Bulharsko|Chorvatsko|Kypr|Česko|Dánsko|Estonsko|Finsko|Francie|Německo|Řecko|Maďarsko|Irsko|Itálie|Lotyšsko|Litva|Lucembursko|Malta|Nizozemsko|Polsko|Portugalsko|Rumunsko|Slovensko|Slovinsko|Španělsko|Švédsko|Island|Lichtenštejnsko|Norsko",
	/* da */ "Østrig|Belgien|Bulgarien|Kroatien|Cypern|Tjekkiet|Danmark|Estland|Finland|Frankrig|Tyskland|Grækenland|Ungarn|Irland|Italien|Letland|Litauen|Luxembourg|Malta|Nederlandene|Polen|Portugal|Rumænien|Slovakiet|Slovenien|Spanien|Sverige|Island|Liechtenstein|Norge",
	/* de */ "Österreich|Belgien|Bulgarien|Kroatien|Zypern|Tschechien|Dänemark|Estland|Finnland|Frankreich|Deutschland|Griechenland|Ungarn|Irland|Italien|Lettland|Litauen|Luxemburg|Malta|Niederlande|Polen|Portugal|Rumänien|Slowakei|Slowenien|Spanien|Schweden|Island|Liechtenstein|Norwegen",
	/* et */ "Austria|Belgia|Bulgaaria|Horvaatia|Küpros|Tšehhi|Taani|Eesti|Soome|Prantsusmaa|Saksamaa|Kreeka|Ungari|Iirimaa|Itaalia|Läti|Leedu|Luksemburg|Malta|Madalmaad|Poola|Portugal|Rumeenia|Slovakkia|Sloveenia|Hispaania|Rootsi|Island|Liechtenstein|Norra",
	/* el */ "Αυστρία|Βέλγιο|Βουλγαρία|Κροατία|Κύπρος|Τσεχία|Δανία|Εσθονία|Φινλανδία|Γαλλία|Γερμανία|Ελλάδα|Ουγγαρία|Ιρλανδία|Ιταλία|Λετονία|Λιθουανία|Λουξεμβούργο|Μάλτα|Κάτω Χώρες|Πολωνία|Πορτογαλία|Ρουμανία|Σλοβακία|Σλοβενία|Ισπανία|Σουηδία|Ισλανδία|Λιχτενστάιν|Νορβηγία",
	/* en */ "Austria|Belgium|Bulgaria|Croatia|Cyprus|Czechia|Denmark|Estonia|Finland|France|Germany|Greece|Hungary|Ireland|Italy|Latvia|Lithuania|Luxembourg|Malta|Netherlands|Poland|Portugal|Romania|Slovakia|Slovenia|Spain|Sweden|Iceland|Liechtenstein|Norway",
	/* fr */ "Autriche|Belgique|Bulgarie|Croatie|Chypre|Tchéquie|Danemark|Estonie|Finlande|France|Allemagne|Grèce|Hongrie|Irlande|Italie|Lettonie|Lituanie|Luxembourg|Malte|Pays-Bas|Pologne|Portugal|Roumanie|Slovaquie|Slovénie|Espagne|Suède|Islande|Liechtenstein|Norvège",
	/* ga */ "An Ostair|An Bheilg|An Bhulgáir|An Chróit|An Chipir|An tSeicia|An Danmhairg|An Eastóin|An Fhionlainn|An Fhrainc|An Ghearmáin|An Ghréig|An Ungáir|Éire|An Iodáil|An Laitvia|An Liotuáin|Lucsamburg|Málta|An Ísiltír|An Pholainn|An Phortaingéil|An Rómáin|An tSlóvaic|An tSlóivéin|An Spáinn|An tSualainn|An Íoslainn|Lichtinstéin|An Iorua",
	/* hr */ "Austrija|Belgija|Bugarska|Hrvatska|Cipar|Češka|Danska|Estonija|Finska|Francuska|Njemačka|Grčka|Mađarska|Irska|Italija|Latvija|Litva|Luksemburg|Malta|Nizozemska|Poljska|Portugal|Rumunjska|Slovačka|Slovenija|Španjolska|Švedska|Island|Lihtenštajn|Norveška",
	/* it */ "Austria|Belgio|Bulgaria|Croazia|Cipro|Cechia|Danimarca|Estonia|Finlandia|Francia|Germania|Grecia|Ungheria|Irlanda|Italia|Lettonia|Lituania|Lussemburgo|Malta|Paesi Bassi|Polonia|Portogallo|Romania|Slovacchia|Slovenia|Spagna|Svezia|Islanda|Liechtenstein|Norvegia",
	/* lv */ "Austrija|Beļģija|Bulgārija|Horvātija|Kipra|Čehija|Dānija|Igaunija|Somija|Francija|Vācija|Grieķija|Ungārija|Īrija|Itālija|Latvija|Lietuva|Luksemburga|Malta|Nīderlande|Polija|Portugāle|Rumānija|Slovākija|Slovēnija|Spānija|Zviedrija|Islande|Lihtenšteina|Norvēģija",
	/* lt */ "Austrija|Belgija|Bulgarija|Kroatija|Kipras|Čekija|Danija|Estija|Suomija|Prancūzija|Vokietija|Graikija|Vengrija|Airija|Italija|Latvija|Lietuva|Liuksemburgas|Malta|Nyderlandai|Lenkija|Portugalija|Rumunija|Slovakija|Slovėnija|Ispanija|Švedija|Islandija|Lichtenšteinas|Norvegija",
	/* hu */ "Ausztria|Belgium|Bulgária|Horvátország|Ciprus|Csehország|Dánia|Észtország|Finnország|Franciaország|Németország|Görögország|Magyarország|Írország|Olaszország|Lettország|Litvánia|Luxemburg|Málta|Hollandia|Lengyelország|Portugália|Románia|Szlovákia|Szlovénia|Spanyolország|Svédország|Izland|Liechtenstein|Norvégia",
	/* mt */ "L-Awstrija|Il-Belġju|Il-Bulgarija|Il-Kroazja|Ċipru|Iċ-Ċekja|Id-Danimarka|L-Estonja|Il-Finlandja|Franza|Il-Ġermanja|Il-Greċja|L-Ungerija|L-Irlanda|L-Italja|Il-Latvja|Il-Litwanja|Il-Lussemburgu|Malta|In-Netherlands|Il-Polonja|Il-Portugall|Ir-Rumanija|Is-Slovakkja|Is-Slovenja|Spanja|L-Isvezja|L-Iżlanda|Il-Liechtenstein|In-Norveġja",
	/* nl */ "Oostenrijk|België|Bulgarije|Kroatië|Cyprus|Tsjechië|Denemarken|Estland|Finland|Frankrijk|Duitsland|Griekenland|Hongarije|Ierland|Italië|Letland|Litouwen|Luxemburg|Malta|Nederland|Polen|Portugal|Roemenië|Slowakije|Slovenië|Spanje|Zweden|IJsland|Liechtenstein|Noorwegen",
	/* pl */ "Austria|Belgia|Bułgaria|Chorwacja|Cypr|Czechy|Dania|Estonia|Finlandia|Francja|Niemcy|Grecja|Węgry|Irlandia|Włochy|Łotwa|Litwa|Luksemburg|Malta|Niderlandy|Polska|Portugalia|Rumunia|Słowacja|Słowenia|Hiszpania|Szwecja|Islandia|Liechtenstein|Norwegia",
	/* pt */ "Áustria|Bélgica|Bulgária|Croácia|Chipre|Chéquia|Dinamarca|Estónia|Finlândia|França|Alemanha|Grécia|Hungria|Irlanda|Itália|Letónia|Lituânia|Luxemburgo|Malta|Países Baixos|Polónia|Portugal|Roménia|Eslováquia|Eslovénia|Espanha|Suécia|Islândia|Listenstaine|Noruega",
	/* ro */ "Austria|Belgia|Bulgaria|Croația|Cipru|Cehia|Danemarca|Estonia|Finlanda|Franța|Germania|Grecia|Ungaria|Irlanda|Italia|Letonia|Lituania|Luxemburg|Malta|Țările de Jos|Polonia|Portugalia|România|Slovacia|Slovenia|Spania|Suedia|Islanda|Liechtenstein|Norvegia",
	/* sk */ "Rakúsko|Belgicko|Bulharsko|Chorvátsko|Cyprus|Česko|Dánsko|Estónsko|Fínsko|Francúzsko|Nemecko|Grécko|Maďarsko|Írsko|Taliansko|Lotyšsko|Litva|Luxembursko|Malta|Holandsko|Poľsko|Portugalsko|Rumunsko|Slovensko|Slovinsko|Španielsko|Švédsko|Island|Lichtenštajnsko|Nórsko",
	/* sl */ "Avstrija|Belgija|Bolgarija|Hrvaška|Ciper|Češka|Danska|Estonija|Finska|Francija|Nemčija|Grčija|Madžarska|Irska|Italija|Latvija|Litva|Luksemburg|Malta|Nizozemska|Poljska|Portugalska|Romunija|Slovaška|Slovenija|Španija|Švedska|Islandija|Lihtenštajn|Norveška",
	/* fi */ "Itävalta|Belgia|Bulgaria|Kroatia|Kypros|Tšekki|Tanska|Viro|Suomi|Ranska|Saksa|Kreikka|Unkari|Irlanti|Italia|Latvia|Liettua|Luxemburg|Malta|Alankomaat|Puola|Portugali|Romania|Slovakia|Slovenia|Espanja|Ruotsi|Islanti|Liechtenstein|Norja",
	/* sv */ "Österrike|Belgien|Bulgarien|Kroatien|Cypern|Tjeckien|Danmark|Estland|Finland|Frankrike|Tyskland|Grekland|Ungern|Irland|Italien|Lettland|Litauen|Luxemburg|Malta|Nederländerna|Polen|Portugal|Rumänien|Slovakien|Slovenien|Spanien|Sverige|Island|Liechtenstein|Norge",
};

/* The nth of a list; the last one ends with the text. */
static const char *
nth_name(const char *list, int n, char *out, size_t size)
{
	size_t		len;

	for (; n > 0; n--)
		list = strchr(list, '|') + 1;
	len = strcspn(list, "|");
	if (len >= size)
		len = size - 1;
	memcpy(out, list, len);
	out[len] = '\0';
	return out;
}

const char *
country_name(const Language *language, const char *code)
{
	static _Thread_local char name[64];

	if (code && strcmp(code, "GR") == 0)
		code = "EL";
	for (int i = 0; code && i < COUNTRY_COUNT; i++)
		if (strcmp(codes[i], code) == 0)
			return nth_name(names[language_index(language)], i, name, sizeof(name));
	return NULL;
}
