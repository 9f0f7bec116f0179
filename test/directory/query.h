/*
 * query.h
 *		What a query asks for. query_run() checks it and lets dsd.c or eb.c find
 *		the answer; used under the lock of the service.
 */
#ifndef DIRECTORY_QUERY_H
#define DIRECTORY_QUERY_H

#include <microhttpd.h>

#include "answer.h"

#define MAX_PARAMETERS 64

typedef struct Parameter
{
	char	   *name;
	char	   *value;
} Parameter;

typedef struct Query
{
	Service		service;
	const Version *version;		/* NULL: none in common */
	Parameter	parameters[MAX_PARAMETERS];
	int			count;
} Query;

extern void query_read(Query *query, struct MHD_Connection *connection);
extern void query_free(Query *query);

/* NULL when it is not there. */
extern const char *query_value(const Query *query, const char *name);
extern bool query_knows(const Query *query, unsigned int versions);

/* Names of parameters that are the ids of concepts. */
extern bool is_uuid(const char *text);

/* Is a place with this sdg:Jurisdiction below it meant by jurisdiction-admin-l2 and -l3? */
extern bool query_meets(const Query *query, const xmlNode *place);

extern void query_run(const Query *query, Answer *answer);

/* dsd.c */
extern void dsd_services(const Query *query, Answer *answer);

/* Do evidence types with this classification ask for what they declare? NULL for any; not before dsd_reset(). */
extern void dsd_set_asking(const char *classification, bool asking);
extern void dsd_reset(void);

/* eb.c */
extern void eb_requirements(const Query *query, Answer *answer);
extern void eb_evidence_types(const Query *query, Answer *answer);

#endif
