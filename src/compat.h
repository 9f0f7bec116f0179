/*
 * compat.h
 *		Every difference between the supported PostgreSQL (15 to 18) and library
 *		versions, with one line of reason each. Nothing else tests versions.
 */
#ifndef OOTSPG_COMPAT_H
#define OOTSPG_COMPAT_H

#include <curl/curlver.h>
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

/* PG 16 gave the parser of qualified names a place for soft errors. */
#if PG_VERSION_NUM >= 160000
#define oots_qualified_name(string) stringToQualifiedNameList((string), NULL)
#else
#define oots_qualified_name(string) stringToQualifiedNameList((string))
#endif

/* PG 18 writes the attribute in front, as C11 does. */
#if PG_VERSION_NUM >= 180000
#define OOTS_NORETURN pg_noreturn
#else
#define OOTS_NORETURN pg_attribute_noreturn()
#endif

/* The mark of a half dropped database came with minor releases; the catalog has it by its value. */
#ifdef DATCONNLIMIT_INVALID_DB
#define OOTS_INVALID_DATABASE DATCONNLIMIT_INVALID_DB
#else
#define OOTS_INVALID_DATABASE (-2)
#endif

/* PG 17 lets a worker be a role that may not log in. */
#if PG_VERSION_NUM >= 170000
#define OOTS_WORKER_ROLE_FLAGS BGWORKER_BYPASS_ROLELOGINCHECK
#else
#define OOTS_WORKER_ROLE_FLAGS 0
#endif

/* PG 16 can leave out index entries that no new version of a row needs; ours are new. */
#if PG_VERSION_NUM >= 160000
#define oots_insert_index_tuples(info, slot, estate) ExecInsertIndexTuples((info), (slot), (estate), false, false, NULL, NIL, false)
#else
#define oots_insert_index_tuples(info, slot, estate) ExecInsertIndexTuples((info), (slot), (estate), false, false, NULL, NIL)
#endif

/* PG 17 ties a WaitEventSet to a resource owner instead of a memory context; ours live as long as the process. */
#if PG_VERSION_NUM >= 170000
#define oots_wait_event_set(events) CreateWaitEventSet(NULL, (events))
#else
#define oots_wait_event_set(events) CreateWaitEventSet(TopMemoryContext, (events))
#endif

/* CURLOPT_PROTOCOLS_STR, the only way to name protocols that is not deprecated, came with 7.85. */
#if LIBCURL_VERSION_NUM < 0x075500
#error "ootspg needs libcurl 7.85 or later"
#endif

/* libcurl 7.87 can leave a hanging resolver thread to itself; before, dropping a call waits for it. */
#if LIBCURL_VERSION_NUM >= 0x075700
#define oots_curl_quick_exit(easy) curl_easy_setopt((easy), CURLOPT_QUICK_EXIT, 1L)
#else
#define oots_curl_quick_exit(easy) CURLE_OK
#endif

/* Since 7.87 libcurl keeps what it read of a file of certificates for a day. */
#if LIBCURL_VERSION_NUM >= 0x075700
#define oots_curl_fresh_certificates(easy) curl_easy_setopt((easy), CURLOPT_CA_CACHE_TIMEOUT, 0L)
#else
#define oots_curl_fresh_certificates(easy) CURLE_OK
#endif

/* Since 8.20 look-ups of names share threads: fewer than there are calls, and names that hang hold up those that do not. */
#if LIBCURL_VERSION_NUM >= 0x081400
#define oots_curl_resolve_threads(multi, calls) curl_multi_setopt((multi), CURLMOPT_RESOLVE_THREADS_MAX, (long) (calls))
#else
#define oots_curl_resolve_threads(multi, calls) CURLM_OK
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
