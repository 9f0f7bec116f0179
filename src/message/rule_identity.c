/*
 * rule_identity.c
 *		Rules on the persons of a request: its subject and who acts for it
 *		(R-EDM-REQ-C036 to C068, C075 to C091, C121 to C127; EDM §2.2).
 *
 * Left out: C044, C046, C057, C065, C066, C068, which stand only in the workbook
 * of 1.0 and were never asserted.
 */
#include "postgres.h"

#include "message/rule_request.h"
#include "message/rule_shared.h"

/*
 * C038, C060: until 1.2 a person should have an identifier; in 2.0 an eidas one
 * must not be empty. The argument is the path of the person.
 */
static void
check_person_identified(RuleRun *run, const void *path)
{
	ListCell   *person;

	foreach(person, nodes_at(run, path))
	{
		List	   *identifiers = nodes_below(lfirst(person), "sdg:Identifier");
		ListCell   *cell;

		if (identifiers == NIL && run->line != EDM_V20)
			rule_fail(run, lfirst(person));
		foreach(cell, identifiers)
			if ((run->line != EDM_V20 || node_is_eidas(run, lfirst(cell))) &&
				*xml_trimmed(lfirst(cell)) == '\0')
				rule_fail(run, lfirst(cell));
	}
}

/* C040, C061: 2.0 asks the form of eidas identifiers only. */
static bool
node_has_form(const RuleRun *run, const XmlNode *identifier)
{
	return run->line != EDM_V20 || node_is_eidas(run, identifier);
}

/* C061: the old form in 1.0 */
static bool
value_form_of_line(const RuleRun *run, const char *value)
{
	return run->line == EDM_V10 ? value_person_identifier_v10(run, value) : value_person_identifier(run, value);
}

/* C091: procedures, separated by commas and blanks */
static bool
value_procedures(const RuleRun *run, const char *value)
{
	char	   *list = pstrdup(value);

	for (char *code = list, *next; code != NULL; code = next)
	{
		next = strchr(code, ',');
		if (next != NULL)
			*next++ = '\0';
		if (code != list)
			code += strspn(code, " \t\r\n");
		if (!value_procedure(run, code))
			return false;
	}
	return true;
}

static bool
has_scheme(const XmlNode *person, const char *scheme)
{
	ListCell   *cell;

	foreach(cell, nodes_below(person, "sdg:Identifier"))
	{
		char	   *found = xml_attribute(lfirst(cell), NULL, "schemeID");

		if (found != NULL && strcmp(found, scheme) == 0)
			return true;
	}
	return false;
}

static bool
node_has_eidas(const RuleRun *run, const XmlNode *person)
{
	return has_scheme(person, "eidas");
}

static bool
node_has_eidas2(const RuleRun *run, const XmlNode *person)
{
	return has_scheme(person, "eidas2");
}

static bool
value_gender(const RuleRun *run, const char *value)
{
	return code_in(CODES_GENDER, run->line, value);
}

static bool
value_gender_number(const RuleRun *run, const char *value)
{
	return value_gender(run, value) && strlen(value) == 1;
}

static bool
value_two_names(const RuleRun *run, const char *value)
{
	return strchr(value, '#') != NULL;
}

#define COUNTRY(path)	VALUE(path, "", value_country)
#define LEVEL_THERE(person) VALUE(person, "sdg:LevelOfAssurance", value_filled, .required = true)
#define LEVEL(person)	VALUE(person "/sdg:LevelOfAssurance", "", value_level)
#define SCHEME_THERE(identifier) VALUE(identifier, "@schemeID", .required = true)
#define SCHEME(identifier) VALUE(identifier, "@schemeID", value_person_scheme, .required = true)
#define COMPANY_SCHEME(identifier) VALUE(identifier, "@schemeID", value_identifier_scheme)

static const Rule rules[] = {
	RULE("C036", 'F', 'F', 'F', LEVEL_THERE(PERSON), "the natural person has a level of assurance"),
	RULE("C037", 'F', 'F', 'F', LEVEL(PERSON), "the natural person's level of assurance is in LevelsOfAssurance"),
	RULE("C038", 'W', 'W', 'W', check_person_identified, PERSON, "the natural person has an identifier"),
	RULE("C039", 'F', ' ', ' ', VALUE(PERSON "/sdg:Identifier", "", value_person_identifier_v10),
	"the natural person's identifier has the form xx/xx/nine characters"),
	/* fatal on 1.1 as well: the answer repeats it, and must keep R-EDM-RESP-C028 */
	{"R-EDM-REQ-C040", ' ', 'F', 'F', 'F', VALUE(PERSON "/sdg:Identifier", "", value_person_identifier, .applies = node_has_form),
	"the natural person's identifier has the form CC/CC/suffix"},
	RULE("C041", 'F', 'F', 'F', SCHEME_THERE(PERSON "/sdg:Identifier"), "the natural person's identifier has a schemeID"),
	RULE("C042", 'F', 'F', 'F', SCHEME(PERSON "/sdg:Identifier"), "the natural person's schemeID is eidas"),
	RULE("C043", 'F', 'F', 'F', VALUE(PERSON "/sdg:DateOfBirth", "", value_date, .normalized = true), "the natural person's date of birth is a date"),
	RULE("C045", 'F', 'F', 'F', COUNTRY(PERSON "/sdg:CurrentAddress/sdg:AdminUnitLevel1"),
	"the natural person's country is in CountryIdentificationCode"),
	RULE("C047", 'F', 'F', 'F', LEVEL_THERE(COMPANY), "the legal person has a level of assurance"),
	RULE("C048", 'F', 'F', 'F', LEVEL(COMPANY), "the legal person's level of assurance is in LevelsOfAssurance"),
	RULE("C049", 'F', 'F', 'F', VALUE(COMPANY, "sdg:LegalPersonIdentifier", value_filled, .required = true),
	"the legal person has a LegalPersonIdentifier"),
	RULE("C050", 'F', ' ', ' ', VALUE(COMPANY "/sdg:LegalPersonIdentifier", "", value_person_identifier_v10),
	"the legal person's identifier has the form xx/xx/nine characters"),
	{"R-EDM-REQ-C051", ' ', 'F', 'F', 'F', VALUE(COMPANY "/sdg:LegalPersonIdentifier", "", value_person_identifier),
	"the legal person's identifier has the form CC/CC/suffix"},
	RULE("C052", 'F', 'F', 'F', SCHEME_THERE(COMPANY "/sdg:LegalPersonIdentifier"), "the legal person's LegalPersonIdentifier has a schemeID"),
	RULE("C053", 'F', 'F', 'F', SCHEME(COMPANY "/sdg:LegalPersonIdentifier"), "the legal person's schemeID is eidas"),
	RULE("C054", 'F', 'F', 'F', SCHEME_THERE(COMPANY "/sdg:Identifier"), "another identifier of the legal person has a schemeID"),
	RULE("C055", ' ', 'F', 'F', COMPANY_SCHEME(COMPANY "/sdg:Identifier"), "its schemeID is in IdentifierSchemes"),
	RULE("C056", 'F', 'F', 'F', COUNTRY(COMPANY "/sdg:RegisteredAddress/sdg:AdminUnitLevel1"),
	"the legal person's country is in CountryIdentificationCode"),
	RULE("C058", 'F', 'F', 'F', LEVEL_THERE(AGENT_PERSON), "the representative has a level of assurance"),
	RULE("C059", 'F', 'F', 'F', LEVEL(AGENT_PERSON), "the representative's level of assurance is in LevelsOfAssurance"),
	RULE("C060", 'W', 'W', 'W', check_person_identified, AGENT_PERSON, "the representative has an identifier"),
	RULE("C061", 'F', 'F', 'F', VALUE(AGENT_PERSON "/sdg:Identifier", "", value_form_of_line, .applies = node_has_form),
	"the representative's identifier has the form CC/CC/suffix"),
	RULE("C062", 'F', 'F', 'F', SCHEME_THERE(AGENT_PERSON "/sdg:Identifier"), "the representative's identifier has a schemeID"),
	RULE("C063", 'F', 'F', 'F', SCHEME(AGENT_PERSON "/sdg:Identifier"), "the representative's schemeID is eidas"),
	RULE("C064", 'F', 'F', 'F', VALUE(AGENT_PERSON "/sdg:DateOfBirth", "", value_date, .normalized = true), "the representative's date of birth is a date"),
	RULE("C067", 'F', 'F', 'F', COUNTRY(AGENT_PERSON "/sdg:CurrentAddress/sdg:AdminUnitLevel1"),
	"the representative's country is in CountryIdentificationCode"),
	RULE("C075", ' ', 'F', 'F', COUNTRY(PERSON "/sdg:Nationality"), "the natural person's nationality is in CountryIdentificationCode"),
	RULE("C076", ' ', 'F', 'F', COUNTRY(PERSON "/sdg:CountryOfBirth"), "the natural person's country of birth is in CountryIdentificationCode"),
	RULE("C077", ' ', 'F', 'F', COUNTRY(PERSON "/sdg:CountryOfResidence"),
	"the natural person's country of residence is in CountryIdentificationCode"),
	RULE("C078", ' ', 'F', 'F', COUNTRY(AGENT_PERSON "/sdg:Nationality"), "the representative's nationality is in CountryIdentificationCode"),
	RULE("C079", ' ', 'F', 'F', COUNTRY(AGENT_PERSON "/sdg:CountryOfBirth"), "the representative's country of birth is in CountryIdentificationCode"),
	RULE("C080", ' ', 'F', 'F', COUNTRY(AGENT_PERSON "/sdg:CountryOfResidence"),
	"the representative's country of residence is in CountryIdentificationCode"),
	/* every attribute of the representative, although the message speaks of one only */
	RULE("C081", ' ', 'F', 'F', VALUE(AGENT_PERSON "/sdg:SectorSpecificAttribute/sdg:AttributeValue", "", value_procedure),
	"a representative's sector specific attribute is one procedure"),
	RULE("C082", ' ', 'F', 'F', LEVEL_THERE(AGENT_COMPANY), "the representing company has a level of assurance"),
	RULE("C083", ' ', 'F', 'F', LEVEL(AGENT_COMPANY), "the representing company's level of assurance is in LevelsOfAssurance"),
	RULE("C084", ' ', 'F', 'F', VALUE(AGENT_COMPANY, "sdg:LegalPersonIdentifier", value_filled, .required = true),
	"the representing company has a LegalPersonIdentifier"),
	RULE("C085", ' ', 'F', 'F', VALUE(AGENT_COMPANY "/sdg:LegalPersonIdentifier", "", value_person_identifier),
	"the representing company's identifier has the form CC/CC/suffix"),
	RULE("C086", ' ', 'F', 'F', SCHEME_THERE(AGENT_COMPANY "/sdg:LegalPersonIdentifier"),
	"the representing company's LegalPersonIdentifier has a schemeID"),
	RULE("C087", ' ', 'F', 'F', SCHEME(AGENT_COMPANY "/sdg:LegalPersonIdentifier"), "the representing company's schemeID is eidas"),
	RULE("C088", ' ', 'F', 'F', SCHEME_THERE(AGENT_COMPANY "/sdg:Identifier"), "another identifier of the representing company has a schemeID"),
	RULE("C089", ' ', 'F', 'F', COMPANY_SCHEME(AGENT_COMPANY "/sdg:Identifier"), "its schemeID is in IdentifierSchemes"),
	/* a legal person has no CurrentAddress: published, never fires */
	RULE("C090", ' ', ' ', ' ', HINT, "the representing company's country is in CountryIdentificationCode"),
	RULE("C091", ' ', 'F', 'F', VALUE(AGENT_COMPANY "/sdg:SectorSpecificAttribute/sdg:AttributeValue", "", value_procedures),
	"a representing company's sector specific attribute is a list of procedures"),
	/*
	 * Only the outline of the eidas2 rules is known, not which id says which
	 * (EDM §1.4.7, §2.6): logged, and unless ootspg.accept_eidas2 is set C063
	 * has refused such an identifier anyway.
	 */
	RULE("C121", ' ', ' ', 'W', VALUE(AGENT_PERSON, "sdg:LevelOfAssurance", .words = WORDS("High"), .applies = node_has_eidas2),
	"a representative identified by eidas2 has level of assurance High"),
	RULE("C122", ' ', ' ', 'W', VALUE(AGENT_PERSON, "sdg:BirthName", value_two_names, .applies = node_has_eidas2),
	"the birth name of a representative identified by eidas2 is two names separated by #"),
	RULE("C123", ' ', ' ', 'W', VALUE(AGENT_PERSON, "sdg:Gender", value_gender_number, .applies = node_has_eidas2),
	"the gender of a representative identified by eidas2 is a number"),
	RULE("C124", ' ', ' ', 'F', VALUE(AGENT_PERSON "/sdg:Gender", "", value_gender), "the representative's gender is in Gender"),
	RULE("C125", ' ', ' ', 'W', HINT, "on representatives identified by eidas2; its text was not seen"),
	/* as published it fails without a Gender, which is optional: an absent one is no violation here */
	RULE("C126", ' ', ' ', 'F', VALUE(AGENT_PERSON, "sdg:Gender", .words = WORDS("Male", "Female", "Unspecified"), .applies = node_has_eidas),
	"the gender of a representative identified by eidas is Male, Female or Unspecified"),
	RULE("C127", ' ', ' ', 'W', HINT, "on representatives identified by eidas2; its text was not seen"),
};

const RuleTable rules_identity = {rules, lengthof(rules)};
