/*
 * shape.h
 *		The shapes that rules ask values to have (EDM §1.2, §1.4, §1.5), as
 *		functions of a string and nothing else. White space counts: whoever calls
 *		decides whether the rule compares the raw or the normalised value.
 */
#ifndef OOTSPG_MESSAGE_SHAPE_H
#define OOTSPG_MESSAGE_SHAPE_H

#include "message/line.h"

extern bool shape_uuid(const char *value);	/* 8-4-4-4-12 hex digits of any case */
extern bool shape_urn_uuid(EdmLine line, const char *value);	/* urn:uuid: and a UUID; v1.0: something may stand before */
extern bool shape_date_time(const char *value);	/* a date and time somewhere in it */
extern bool shape_date(EdmLine line, const char *value);	/* YYYY-MM-DD; v1.0: somewhere in it */
extern bool shape_procedure(const char *value); /* looks like a code of Procedures, in the list or not: V5, AK1 */
extern bool shape_https(EdmLine line, const char *value);	/* starts with https://; v1.0: lower case only */
extern bool shape_person_identifier(const char *value);	/* ends in CC/CC/suffix */
extern bool shape_person_identifier_v10(const char *value); /* xx/xx/9 letters or digits somewhere in it */
extern bool shape_requirement(const char *value);	/* …/requirements/<uuid> */
extern bool shape_requirement_on(EdmLine line, const char *value);	/* the same; v1.0: hex digits of any case, either host */
extern bool shape_classification(EdmLine line, const char *value);	/* …/evidencetypeclassifications/<CC>/<uuid> */
extern bool shape_data_model(EdmLine line, const char *value);	/* starts …/datamodels/ or …/distributions/ */
extern bool shape_transformation(EdmLine line, const char *value);
extern bool shape_codelist(const char *value);	/* …/codelists/XX/<name> */
extern bool shape_codelist_country(const char *value);	/* its country is an OOTS country */
extern bool shape_codelist_name(const char *value); /* its last segment is 2 to 50 letters or digits */
extern bool shape_has_infix(const char *value); /* https://sr.<environment>.oots… */
extern bool shape_cid(EdmLine line, const char *value); /* cid:<local>@<domain> */

/* characters of UTF-8 text */
extern int	shape_length(const char *value);

/*
 * Values that people, companies and authorities are known by: names and identifiers.
 * They are normalised, compared and made keys of, which costs the more the longer they
 * are; nobody's are longer than this, or have more marks upon one letter (UAX #15,
 * Stream-Safe Text Format).
 */
#define SHAPE_MOST_CHARACTERS	512
#define SHAPE_MOST_MARKS		30

/* Is it within both? Of valid UTF-8. */
extern bool shape_ordinary(const char *value);

/* Combining marks of the scripts of Europe and their neighbours. */
extern bool shape_is_mark(uint32 code_point);

#endif							/* OOTSPG_MESSAGE_SHAPE_H */
