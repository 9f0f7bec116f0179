/*
 * codelist.c
 *		The code lists of the EDM (EDM §7), compiled in; the configuration may add
 *		to them. Codes of one width
 *		stand packed in a string, sorted, and are found by binary search; lists of
 *		a few words are looked through. Comparison is exact, as in the rules.
 */
#include "postgres.h"

#include "message/codelist.h"

#define PACKED(text, width) {text, width, (sizeof(text) - 1) / (width)}

typedef struct PackedCodes
{
	const char *codes;			/* sorted, no separator */
	int			width;
	int			count;
} PackedCodes;

/* ISO 3166-1 alpha-2 with EL for Greece */
static const PackedCodes countries = PACKED(
	"ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZ"
	"CACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHELERESETFIFJFKFMFOFR"
	"GAGBGDGEGFGGGHGIGLGMGNGPGQGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJP"
	"KEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZ"
	"NANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURW"
	"SASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZ"
	"UAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW", 2);

/* ISO 3166-1 alpha-3, which the April 2023 list also holds */
static const PackedCodes countries_alpha3 = PACKED(
	"ABWAFGAGOAIAALAALBANDAREARGARMASMATAATFATGAUSAUTAZEBDIBELBENBESBFABGDBGRBHRBHSBIHBLMBLRBLZBMUBOLBRABRBBRNBTNBVTBWA"
	"CAFCANCCKCHECHLCHNCIVCMRCODCOGCOKCOLCOMCPVCRICUBCUWCXRCYMCYPCZEDEUDJIDMADNKDOMDZAECUEGYERIESHESPESTETH"
	"FINFJIFLKFRAFROFSMGABGBRGEOGGYGHAGIBGINGLPGMBGNBGNQGRCGRDGRLGTMGUFGUMGUYHKGHMDHNDHRVHTIHUN"
	"IDNIMNINDIOTIRLIRNIRQISLISRITAJAMJEYJORJPNKAZKENKGZKHMKIRKNAKORKWTLAOLBNLBRLBYLCALIELKALSOLTULUXLVA"
	"MACMAFMARMCOMDAMDGMDVMEXMHLMKDMLIMLTMMRMNEMNGMNPMOZMRTMSRMTQMUSMWIMYSMYT"
	"NAMNCLNERNFKNGANICNIUNLDNORNPLNRUNZLOMNPAKPANPCNPERPHLPLWPNGPOLPRIPRKPRTPRYPSEPYFQATREUROURUSRWA"
	"SAUSDNSENSGPSGSSHNSJMSLBSLESLVSMRSOMSPMSRBSSDSTPSURSVKSVNSWESWZSXMSYCSYR"
	"TCATCDTGOTHATJKTKLTKMTLSTONTTOTUNTURTUVTWNTZAUGAUKRUMIURYUSAUZBVATVCTVENVGBVIRVNMVUTWLFWSMYEMZAFZMBZWE", 3);

/* countries that take part in the OOTS, and EU itself */
static const PackedCodes oots_countries = PACKED(
	"ATBEBGCYCZDEDKEEELESEUFIFRHRHUIEISITLILTLULVMTNLNOPLPTROSESISK", 2);

/* countries with NUTS or statistical regions that the Commission publishes in the same form */
static const PackedCodes nuts_countries = PACKED(
	"ALATBABEBGCHCYCZDEDKEEELESFIFRGEHRHUIEISITLILTLULVMDMEMKMTNLNOPLPTRORSSESISKTRUAUKXK", 2);

/* ISO 639-1 in upper case */
static const PackedCodes languages = PACKED(
	"AAABAEAFAKAMANARASAVAYAZBABEBGBHBIBMBNBOBRBSCACECHCOCRCSCUCVCYDADEDVDZEEELENEOESETEU"
	"FAFFFIFJFOFRFYGAGDGLGNGUGVHAHEHIHOHRHTHUHYHZIAIDIEIGIIIKIOISITIUJAJVKAKGKIKJKKKLKMKNKOKRKSKUKVKWKY"
	"LALBLGLILNLOLTLULVMGMHMIMKMLMNMRMSMTMYNANBNDNENGNLNNNONRNVNYOCOJOMOROSPAPIPLPSPTQURMRNRORURW"
	"SASCSDSESGSISKSLSMSNSOSQSRSSSTSUSVSWTATETGTHTITKTLTNTOTRTSTTTWTYUGUKURUZVEVIVOWAWOXHYIYOZAZHZU", 2);

/* Electronic Address Schemes: what every line has, and what the lists of April 2023 and of 2.0.1 add */
static const PackedCodes eas_digits = PACKED(
	"0002000700090037006000880096009701060130013501420147015101700183018401880190019101920193019401950196"
	"019801990200020102020203020402050208020902100211021202130215021699109913991499159918991999209922992399249925"
	"99269927992899299930993199329933993499359936993799389939994099419942994399449945994699479948994999509951"
	"995299539957", 4);
static const PackedCodes eas_2023 = PACKED("9901990699079955", 4);
static const PackedCodes eas_later = PACKED("015401580177021702180221022502300235024002449959", 4);
static const PackedCodes eas_letters = PACKED("ANAQASAUEM", 2);

static const PackedCodes procedures = PACKED("R1S1T1T2T3U1U2U3U4V1V2V3V4W1W2X1X2X3X4X5X6", 2);
static const char *const procedures_later[] = {"AK1", "AL1", "AM1", "V5", "X10", "X11", "X7", "X9", NULL};

/* The April 2023 list spells its SVG entry so that no message can match it (REQ-C033). */
static const char *const media_types[] = {
	"application/xml", "application/json", "application/pdf", "image/jpeg", "image/png", NULL
};
static const char *const levels[] = {"Low", "Substantial", "High", NULL};
static const char *const genders[] = {"Male", "Female", "Unspecified", NULL};
static const char *const identifier_schemes[] = {
	"VAT", "TAX", "BusinessCode", "LEI", "EORI", "SEED", "SIC", NULL
};
static const char *const agent_classifications[] = {"ER", "IP", "EP", "ERRP", NULL};

static bool
in_packed(const PackedCodes *list, const char *value)
{
	int			low = 0;
	int			high = list->count - 1;

	if (strlen(value) != list->width)
		return false;
	while (low <= high)
	{
		int			middle = (low + high) / 2;
		int			order = memcmp(value, list->codes + middle * list->width, list->width);

		if (order == 0)
			return true;
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return false;
}

static bool
in_words(const char *const *list, const char *value)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, value) == 0)
			return true;
	return false;
}

static bool
is_language(EdmLine line, const char *value)
{
	/* April 2023: also the three-letter codes; every such shape is taken for one */
	if (line == EDM_V10 && strlen(value) == 3 && strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3)
		return true;
	return in_packed(&languages, value);
}

static bool
is_nuts(const char *value)
{
	char		country[3];

	if (strlen(value) < 2 || strlen(value) > 5 ||
		strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != strlen(value))
		return false;
	strlcpy(country, value, sizeof(country));
	return in_packed(&nuts_countries, country);
}

static bool
is_eas(EdmLine line, const char *value)
{
	return in_packed(&eas_digits, value) || in_packed(&eas_letters, value) ||
		in_packed(line == EDM_V10 ? &eas_2023 : &eas_later, value);
}

static bool
is_gender(EdmLine line, const char *value)
{
	return in_words(genders, value) ||
		(line == EDM_V20 && strlen(value) == 1 && strchr("01234569", value[0]) != NULL);
}

static bool
built_in(CodeList list, EdmLine line, const char *value)
{
	switch (list)
	{
		case CODES_COUNTRY:
			return in_packed(&countries, value) ||
				(line == EDM_V10 && in_packed(&countries_alpha3, value));
		case CODES_OOTS_COUNTRY:
			return in_packed(&oots_countries, value);
		case CODES_LANGUAGE:
			return is_language(line, value);
		case CODES_NUTS:
			return is_nuts(value);
		case CODES_EAS:
			return is_eas(line, value);
		case CODES_PROCEDURE:
			return in_packed(&procedures, value) ||
				(line != EDM_V10 && in_words(procedures_later, value));
		case CODES_MEDIA_TYPE:
			return in_words(media_types, value) ||
				(line != EDM_V10 && strcmp(value, "image/svg+xml") == 0);
		case CODES_LEVEL_OF_ASSURANCE:
			return in_words(levels, value);
		case CODES_GENDER:
			return is_gender(line, value);
		case CODES_IDENTIFIER_SCHEME:
			return in_words(identifier_schemes, value);
		case CODES_AGENT_CLASSIFICATION:
			return in_words(agent_classifications, value);
	}
	return false;
}

bool		(*code_added) (CodeList list, const char *value) = NULL;

bool
code_in(CodeList list, EdmLine line, const char *value)
{
	if (value == NULL)
		return false;
	return built_in(list, line, value) || (code_added != NULL && code_added(list, value));
}

bool
code_is_agent_scheme(EdmLine line, const char *scheme)
{
	static const char eas[] = "urn:cef.eu:names:identifier:EAS:";
	static const char unregistered[] = "urn:oasis:names:tc:ebcore:partyid-type:unregistered";
	const char *rest;

	if (scheme == NULL)
		return false;
	if (strncmp(scheme, eas, strlen(eas)) == 0)
		return code_in(CODES_EAS, line, scheme + strlen(eas));
	if (strncmp(scheme, unregistered, strlen(unregistered)) != 0)
		return false;
	if (line == EDM_V10)
		return true;			/* the April 2023 rules look no further */
	rest = scheme + strlen(unregistered);
	return rest[0] == ':' &&
		(strcmp(rest + 1, "oots") == 0 || code_in(CODES_OOTS_COUNTRY, line, rest + 1));
}

const ErrorCode *
error_code(int number)
{
	static const ErrorCode codes[] = {
		{"EDM:ERR:0001", "rs:AuthenticationExceptionType", "Failed Authentication"},
		{"EDM:ERR:0002", "rs:AuthorizationExceptionType", "Missing Authorization"},
		{"EDM:ERR:0003", "rs:InvalidRequestExceptionType", "Syntactically or semantically invalid request"},
		{"EDM:ERR:0004", "rs:ObjectNotFoundExceptionType", "Object not found"},
		{"EDM:ERR:0005", "rs:TimeoutExceptionType", "Exceeding timeout period"},
		{"EDM:ERR:0006", "rs:UnresolvedReferenceExceptionType", "Referenced object that cannot be resolved"},
		{"EDM:ERR:0007", "rs:UnsupportedCapabilityExceptionType", "Optional feature or capability is not supported"},
		{"EDM:ERR:0008", "query:QueryExceptionType", "Invalid query syntax or semantics that must be corrected"},
	};

	Assert(number >= 1 && number <= (int) lengthof(codes));
	return &codes[number - 1];
}
