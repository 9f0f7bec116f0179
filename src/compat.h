/*
 * compat.h
 *		Every difference between the supported PostgreSQL (15 to 18) and library
 *		versions, with one line of reason each. Nothing else tests versions.
 */
#ifndef OOTSPG_COMPAT_H
#define OOTSPG_COMPAT_H

#include <libxml/xmlversion.h>

#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 190000
#error "ootspg supports PostgreSQL 15 to 18"
#endif

/* PG 16 moved the varlena macros out of postgres.h. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* PG 17 lets the caller own the JSON lexer and made its input and the actions const. Escapes are only looked at. */
#if PG_VERSION_NUM >= 170000
#define oots_json_lexer(content, length) makeJsonLexContextCstringLen(NULL, (content), (length), PG_UTF8, false)
#else
#define oots_json_lexer(content, length) makeJsonLexContextCstringLen((char *) (content), (length), PG_UTF8, false)
#endif

/* PG 16 asks for the owner of any object by one function. */
#if PG_VERSION_NUM >= 160000
#define oots_owns_database(database, role) object_ownercheck(DatabaseRelationId, (database), (role))
#else
#define oots_owns_database(database, role) pg_database_ownercheck((database), (role))
#endif

/* PG 17 lets a worker be a role that may not log in. */
#if PG_VERSION_NUM >= 170000
#define OOTS_WORKER_ROLE_FLAGS BGWORKER_BYPASS_ROLELOGINCHECK
#else
#define OOTS_WORKER_ROLE_FLAGS 0
#endif

/* libxml2 2.12 made the structured error handler's argument const. */
#if LIBXML_VERSION >= 21200
#define OOTS_XML_ERROR_CONST const
#else
#define OOTS_XML_ERROR_CONST
#endif

/* libxml2 2.13 can refuse external entities as such; before, NONET and our own refusal of DTDs do it. */
#if LIBXML_VERSION >= 21300
#define OOTS_XML_NO_XXE XML_PARSE_NO_XXE
#else
#define OOTS_XML_NO_XXE 0
#endif

#endif							/* OOTSPG_COMPAT_H */
