/*
 * codelist.h
 *		Code lists of the EDM (EDM §7), compiled in and added to. NUTS, which changes every few
 *		years, is checked by its shape and country.
 */
#ifndef OOTSPG_MESSAGE_CODELIST_H
#define OOTSPG_MESSAGE_CODELIST_H

#include "message/line.h"

typedef enum CodeList
{
	CODES_COUNTRY,				/* CountryIdentificationCode: ISO 3166-1 alpha-2 with EL for Greece (v1.0: also alpha-3) */
	CODES_OOTS_COUNTRY,			/* EEA/OOTS country, without the literal oots */
	CODES_LANGUAGE,				/* upper-case ISO 639-1 (v1.0: also three letters) */
	CODES_NUTS,
	CODES_EAS,
	CODES_PROCEDURE,			/* without 00 */
	CODES_MEDIA_TYPE,
	CODES_LEVEL_OF_ASSURANCE,
	CODES_GENDER,
	CODES_IDENTIFIER_SCHEME,	/* VAT, TAX, … */
	CODES_AGENT_CLASSIFICATION
} CodeList;

/* exact comparison, as the rules do; value NULL is never in a list. Built in, or added by the configuration. */
extern bool code_in(CodeList list, EdmLine line, const char *value);

/* Set by who knows what the configuration adds; NULL: nothing. */
extern bool (*code_added) (CodeList list, const char *value);

/* urn:cef.eu:names:identifier:EAS:<code> or urn:oasis:…:unregistered:<CC> (EDM §1.3) */
extern bool code_is_agent_scheme(EdmLine line, const char *scheme);

/* the eight error codes: type, message (EDM §1.6.3) */
typedef struct ErrorCode
{
	const char *code;			/* EDM:ERR:0001 */
	const char *type;			/* rs:AuthenticationExceptionType */
	const char *message;		/* Failed Authentication */
} ErrorCode;

extern const ErrorCode *error_code(int number);	/* 1 … 8 */
#endif							/* OOTSPG_MESSAGE_CODELIST_H */
