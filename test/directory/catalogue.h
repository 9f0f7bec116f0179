/*
 * catalogue.h
 *		What states have published: for each service and state the registry
 *		objects of one submission and the associations between them. Guarded by
 *		the lock of the service.
 */
#ifndef DIRECTORY_CATALOGUE_H
#define DIRECTORY_CATALOGUE_H

#include <libxml/tree.h>

#include "base.h"
#include "node.h"

#define NS_LCM "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:4.0"
#define NS_RIM "urn:oasis:names:tc:ebxml-regrep:xsd:rim:4.0"
#define NS_RS "urn:oasis:names:tc:ebxml-regrep:xsd:rs:4.0"
#define NS_QUERY "urn:oasis:names:tc:ebxml-regrep:xsd:query:4.0"
#define NS_SDG "http://data.europa.eu/p4s"
#define NS_XSI "http://www.w3.org/2001/XMLSchema-instance"

typedef enum Service
{
	SERVICE_DSD,
	SERVICE_EB,
	SERVICE_COUNT
} Service;

/* A registry object that is no association. */
typedef struct Item
{
	char	   *id;
	char	   *kind;			/* name of its slot and classification node */
	xmlNode    *node;			/* the sdg: element in the slot */
} Item;

typedef struct Link
{
	const char *type;			/* behind the common prefix */
	const Item *source;
	const Item *target;
} Link;

typedef struct Publication
{
	Service		service;
	char	   *country;
	xmlDoc	   *doc;
	Item	   *items;
	int			item_count;
	Link	   *links;
	int			link_count;
	struct Publication *next;
} Publication;

/* Why a submission is refused; the code NULL when it is not. */
typedef struct Objection
{
	const char *code;
	char	   *detail;
} Objection;

extern const char *service_name(Service service);
extern bool service_parse(const char *name, size_t len, Service *service);

/* Replaces all the state has there, or changes nothing. The id of the request is to be freed. */
extern Objection catalogue_publish(Service service, const char *country, const char *bytes, size_t len, char **id);

extern const Publication *catalogue_find(Service service, const char *country);
extern const Publication *catalogue_first(void);
extern void catalogue_clear(void);

/* The text of a child in the sdg namespace is the value. */
extern bool child_says(const xmlNode *parent, const char *name, const char *value);

/* As an address of the semantic repository, whatever the environment in its host. */
extern bool same_address(const char *one, const char *other);

/* What follows "https://sr." and the environment; NULL when the text is no such address. */
extern const char *address_rest(const char *text);

#endif
