/*
 * service_conditions.h
 *		What the content of a data service must be, whether it is submitted to the
 *		Data Services Directory (R-DSD-SUB-C*) or published by it (R-DSD-RESP-C* of
 *		1.0). To be included in the middle of a rule table, more than once, by a file
 *		that has defined
 *
 *			EVIDENCE_TYPE, DISTRIBUTION, QUESTION, DETERMINATION, ACCESS_SERVICE,
 *			PUBLISHER, CONCEPT		where these stand in its message
 *			IS(place, test)			the text of each place passes the test
 *			IS_THERE(place, item, test)		the item is there, and passes it
 *			EVERY_LINE, UNTIL_2_0, OTHERWISE_2_0(submission, answer, check, expects)
 *									an entry: its number in submissions and in
 *									answers; OTHERWISE_2_0 where answers of 2.0 have
 *									a rule of their own
 *
 * C019 and C021 of submissions, C011 and C013 of answers do not exist. C019, C021
 * and C022 of answers are numbered by their place: the published file lacks them,
 * as it lacks those of submissions that only the workbook has.
 */
EVERY_LINE("C001", "C002", IS(EVIDENCE_TYPE "/sdg:Identifier", value_uuid_end), "a UUID")
EVERY_LINE("C002", "C003", IS(EVIDENCE_TYPE "/sdg:EvidenceTypeClassification", value_classification), "an evidence type classification of the Semantic Repository")
EVERY_LINE("C003", "C004", LANG_LISTED(EVIDENCE_TYPE "/sdg:Title"), "lang is a language code in upper case")
EVERY_LINE("C004", "C005", LANG_FILLED(EVIDENCE_TYPE "/sdg:Title"), "lang is present")
EVERY_LINE("C005", "C006", LANG_LISTED(EVIDENCE_TYPE "/sdg:Description"), "lang is a language code in upper case")
EVERY_LINE("C006", "C007", LANG_FILLED(EVIDENCE_TYPE "/sdg:Description"), "lang is present")
EVERY_LINE("C007", "C009", IS(DISTRIBUTION "/sdg:Format", value_media_type), "a media type of the list")
OTHERWISE_2_0("C008", "C010", VALUE(DISTRIBUTION "/sdg:ConformsTo", "", value_data_model, .normalized = true), "a data model of the Semantic Repository")
UNTIL_2_0("C009", "C038", IS(DISTRIBUTION "/sdg:Transformation", value_data_model), "a data model of the Semantic Repository")
EVERY_LINE("C010", "C029", IS(QUESTION "/sdg:Identifier", value_uuid), "a UUID")
EVERY_LINE("C011", "C030", FILLED(QUESTION, "sdg:Type"), "a Type")
EVERY_LINE("C012", "C031", FILLED(QUESTION, "sdg:Description"), "a Description")
EVERY_LINE("C013", "C032", LANG_LISTED(QUESTION "/sdg:Description"), "lang is a language code in upper case")
EVERY_LINE("C014", "C033", LANG_FILLED(QUESTION "/sdg:Description"), "lang is present")
UNTIL_2_0("C015", "C034", IS(DETERMINATION "/sdg:JurisdictionContextId", value_uuid), "a UUID")
UNTIL_2_0("C016", "C035", LANG_LISTED(DETERMINATION "/sdg:JurisdictionContext"), "lang is a language code in upper case")
UNTIL_2_0("C017", "C036", LANG_FILLED(DETERMINATION "/sdg:JurisdictionContext"), "lang is present")
UNTIL_2_0("C018", "C037", IS(DETERMINATION "/sdg:JurisdictionLevel", value_jurisdiction_level), "Country, NUTS1, NUTS2, NUTS3 or LAU")
EVERY_LINE("C020", "C012", FILLED(ACCESS_SERVICE "/sdg:Identifier", "@schemeID"), "schemeID is present")
EVERY_LINE("C022", "C014", VALUE(.context = ACCESS_SERVICE "/sdg:Identifier", .item = "@schemeID", .test = value_agent_scheme, .required = true), "a known identifier scheme")
OTHERWISE_2_0("C023", "C015", IS_THERE(ACCESS_SERVICE, "sdg:ConformsTo", value_edm_version), "oots-edm:v, a major and a minor number")
EVERY_LINE("C024", "C016", FILLED(PUBLISHER "/sdg:Identifier", "@schemeID"), "schemeID is present")
EVERY_LINE("C025", "C017", VALUE(.context = PUBLISHER "/sdg:Identifier", .item = "@schemeID", .test = value_agent_scheme, .required = true), "a known identifier scheme")
EVERY_LINE("C026", "C018", IS(PUBLISHER "/sdg:Address/sdg:AdminUnitLevel1", value_country), "a country code")
EVERY_LINE("C027", "C019", IS(PUBLISHER "/sdg:Address/sdg:AdminUnitLevel2", value_nuts), "a NUTS code")
EVERY_LINE("C028", "C020", IS(PUBLISHER "/sdg:Jurisdiction/sdg:AdminUnitLevel1", value_country), "a country code")
UNTIL_2_0("C029", "C021", IS(PUBLISHER "/sdg:Jurisdiction/sdg:AdminUnitLevel2", value_nuts), "a NUTS code")
UNTIL_2_0("C030", "C022", IS(PUBLISHER "/sdg:Jurisdiction/sdg:AdminUnitLevel3", value_lau), "a code of a local administrative unit")
EVERY_LINE("C031", "C023", IS(CONCEPT "/sdg:Identifier", value_uuid), "a UUID")
EVERY_LINE("C032", "C024", FILLED(CONCEPT, "sdg:Type"), "a Type")
EVERY_LINE("C033", "C025", FILLED(CONCEPT, "sdg:Description"), "a Description")
EVERY_LINE("C034", "C026", LANG_LISTED(CONCEPT "/sdg:Description"), "lang is a language code in upper case")
EVERY_LINE("C035", "C027", LANG_FILLED(CONCEPT "/sdg:Description"), "lang is present")
EVERY_LINE("C036", "C028", FILLED(CONCEPT, "sdg:SupportedValue"), "a SupportedValue that is not empty")
EVERY_LINE("C037", "C008", IS(EVIDENCE_TYPE "/sdg:AuthenticationLevelOfAssurance", value_level), "Low, Substantial or High")
OTHERWISE_2_0("C038a", "C039a", COUNT(DISTRIBUTION, "sdg:ConformsTo", 1, -1, node_has_xml), "a data model beside XML")
OTHERWISE_2_0("C038b", "C039b", COUNT(DISTRIBUTION, "sdg:ConformsTo", 1, -1, node_has_json), "a data model beside JSON")
UNTIL_2_0("C039", "C040", COUNT(DISTRIBUTION, "sdg:ConformsTo", 1, -1, node_has_transformation), "a data model beside a Transformation")
