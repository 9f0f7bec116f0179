/*
 * trust_list.c
 *		Read a trusted list of a state (ETSI TS 119 612): which services may anchor seals and time stamps now; and the list of
 *		lists of the European Commission: who may sign that of which state. What is read are
 *		the octets that its signature covers, and of each service its present state; its history, and what is qualified how,
 *		nobody asks here. Whoever is not understood anchors nothing.
 */
#include "postgres.h"

#include <openssl/x509.h>

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "errors.h"
#include "seal/base64url.h"
#include "seal/verdict.h"
#include "xml/read.h"

PG_FUNCTION_INFO_V1(ootspg_read_trust_list);
PG_FUNCTION_INFO_V1(ootspg_read_list_of_lists);

#define NS_TSL			"http://uri.etsi.org/02231/v2#"
#define LIST_OF_LISTS	"http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUlistofthelists"
#define EU_LIST			"http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUgeneric"
#define TYPES			"http://uri.etsi.org/TrstSvc/Svctype/"
#define GRANTED			"http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted"
#define FOR_SEALS		"http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/ForeSeals"

/* Certificates that may be read of one list: the largest states have some hundreds */
#define MAX_CERTIFICATES	5000
#define MAX_NAME			500

/* The columns that one list has alike, and the rows. */
typedef struct TrustList
{
	XmlNode    *root;
	Tuplestorestate *store;
	TupleDesc	description;
	Datum		values[9];
	bool		nulls[9];
	int			rows;
} TrustList;

static void
refuse(const char *reason)
{
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_UNREADABLE),
			 errmsg("the document is no trusted list of a state: %s", reason),
			 errhint("It is an XML document by ETSI TS 119 612, version 5 or 6, signed by its scheme operator.")));
}

static XmlNode *
child(const XmlNode *node, const char *name)
{
	return node ? xml_child(node, NS_TSL, name) : NULL;
}

static char *
text_of(const XmlNode *node, const char *name)
{
	const XmlNode *found = child(node, name);

	return found ? xml_trimmed(found) : NULL;
}

static bool
is_text(const XmlNode *node, const char *name, const char *expected)
{
	char	   *text = text_of(node, name);

	return text != NULL && strcmp(text, expected) == 0;
}

static Datum
moment_of(const char *text, const char *what)
{
	TimestampTz time = 0;

	if (text == NULL || !verdict_parse_time(text, &time))
		refuse(what);
	return TimestampTzGetDatum(time);
}

static void
read_scheme(TrustList *list)
{
	const XmlNode *scheme = child(list->root, "SchemeInformation");
	char	   *territory = text_of(scheme, "SchemeTerritory");
	char	   *number = text_of(scheme, "TSLSequenceNumber");
	char	   *next = text_of(child(scheme, "NextUpdate"), "dateTime");

	if (!xml_is(list->root, NS_TSL, "TrustServiceStatusList") || !is_text(scheme, "TSLType", EU_LIST))
		refuse("it is of another type");
	if (territory == NULL || strlen(territory) != 2 || strspn(territory, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2)
		refuse("it names no territory");
	if (number == NULL || strlen(number) > 9 || number[0] == '\0' || strspn(number, "0123456789") != strlen(number))
		refuse("it has no number");
	if (next == NULL)
		refuse("it is closed: no other follows");
	list->values[0] = CStringGetTextDatum(territory);
	list->values[1] = Int32GetDatum(atoi(number));
	list->values[2] = moment_of(text_of(scheme, "ListIssueDateTime"), "it does not say when it was issued");
	list->values[3] = moment_of(next, "it does not say when the next one comes");
}

/* Is it one that anchors something? Then what, as SQL has it. */
static const char *
purpose_of(const XmlNode *information)
{
	if (!is_text(information, "ServiceStatus", GRANTED))
		return NULL;
	if (is_text(information, "ServiceTypeIdentifier", TYPES "CA/QC"))
		return "certificates";
	return is_text(information, "ServiceTypeIdentifier", TYPES "TSA/QTST") ? "time stamps" : NULL;
}

static bool
is_for_seals(const XmlNode *information)
{
	const XmlNode *extensions = child(information, "ServiceInformationExtensions");

	for (const XmlNode *extension = child(extensions, "Extension"); extension != NULL; extension = xml_next_same(extension, NS_TSL, "Extension"))
		for (const XmlNode *more = child(extension, "AdditionalServiceInformation"); more != NULL; more = xml_next_same(more, NS_TSL, "AdditionalServiceInformation"))
			if (is_text(more, "URI", FOR_SEALS))
				return true;
	return false;
}

/* English where there is, as lists must have it (TS 119 612 §5.1.4). */
static char *
name_of(const XmlNode *information)
{
	const XmlNode *names = child(information, "ServiceName");
	const XmlNode *name = child(names, "Name");

	for (const XmlNode *one = name; one != NULL; one = xml_next_same(one, NS_TSL, "Name"))
	{
		char	   *language = xml_attribute(one, NS_XML, "lang");

		if (language != NULL && pg_strcasecmp(language, "en") == 0)
			name = one;
	}
	return name ? xml_normalized(name) : NULL;
}

/* The DER of a certificate as a value; NULL when it is none. */
static bytea *
certificate_of(const XmlNode *node)
{
	size_t		length = 0;
	uint8	   *der = base64_spaced(xml_text(node), &length);
	const uint8 *p = der;
	X509	   *certificate = der ? d2i_X509(NULL, &p, (long) length) : NULL;
	bytea	   *value;

	X509_free(certificate);
	if (certificate == NULL || p != der + length)
		return NULL;
	value = palloc(VARHDRSZ + length);
	SET_VARSIZE(value, VARHDRSZ + length);
	memcpy(VARDATA(value), der, length);
	return value;
}

static void
read_service(TrustList *list, const XmlNode *service)
{
	const XmlNode *information = child(service, "ServiceInformation");
	const char *purpose = purpose_of(information);
	char	   *name;

	if (purpose == NULL)
		return;
	name = name_of(information);
	list->values[4] = CStringGetTextDatum(purpose);
	list->nulls[5] = name == NULL || strlen(name) > MAX_NAME;
	if (!list->nulls[5])
		list->values[5] = CStringGetTextDatum(name);
	list->values[6] = moment_of(text_of(information, "StatusStartingTime"), "a service does not say since when");
	list->values[7] = BoolGetDatum(is_for_seals(information));
	for (const XmlNode *id = child(child(information, "ServiceDigitalIdentity"), "DigitalId"); id != NULL; id = xml_next_same(id, NS_TSL, "DigitalId"))
	{
		const XmlNode *node = child(id, "X509Certificate");
		bytea	   *certificate = node ? certificate_of(node) : NULL;

		if (certificate == NULL)
			continue;
		if (++list->rows > MAX_CERTIFICATES)
			refuse("it has too many certificates");
		list->values[8] = PointerGetDatum(certificate);
		tuplestore_putvalues(list->store, list->description, list->values, list->nulls);
	}
}

static void
read_services(TrustList *list)
{
	for (const XmlNode *provider = child(child(list->root, "TrustServiceProviderList"), "TrustServiceProvider"); provider != NULL;
		 provider = xml_next_same(provider, NS_TSL, "TrustServiceProvider"))
		for (const XmlNode *service = child(child(provider, "TSPServices"), "TSPService"); service != NULL;
			 service = xml_next_same(service, NS_TSL, "TSPService"))
		{
			CHECK_FOR_INTERRUPTS();
			read_service(list, service);
		}
}

/* (list bytea) returns table (territory, sequence_number, issued_at, next_update, purpose, name, since, for_seals, certificate): at least one row, the last columns NULL */
Datum
ootspg_read_trust_list(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	XmlDocument *document;
	TrustList	list = {0};

	InitMaterializedSRF(fcinfo, 0);
	document = xml_read_or_raise(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes), "trusted list");
	list.root = xml_root(document);
	list.store = result->setResult;
	list.description = result->setDesc;
	read_scheme(&list);
	memset(list.nulls + 4, true, 5);
	tuplestore_putvalues(list.store, list.description, list.values, list.nulls);
	memset(list.nulls + 4, false, 5);
	read_services(&list);
	xml_release(document);
	return (Datum) 0;
}

static void
put_signer(TrustList *list, const char *territory, const XmlNode *node)
{
	bytea	   *certificate = certificate_of(node);

	if (certificate == NULL)
		return;
	if (++list->rows > MAX_CERTIFICATES)
		refuse("it has too many certificates");
	list->values[1] = CStringGetTextDatum(territory);
	list->values[2] = PointerGetDatum(certificate);
	tuplestore_putvalues(list->store, list->description, list->values, list->nulls);
}

/* Whose list the pointer is to stands among several pieces of information, each in an element of its own. */
static char *
territory_of(const XmlNode *pointer)
{
	const XmlNode *information = child(child(pointer, "AdditionalInformation"), "OtherInformation");
	char	   *territory = NULL;

	for (; territory == NULL && information != NULL; information = xml_next_same(information, NS_TSL, "OtherInformation"))
		territory = text_of(information, "SchemeTerritory");
	return territory;
}

static void
read_pointer(TrustList *list, const XmlNode *pointer)
{
	char	   *territory = territory_of(pointer);
	const XmlNode *identity = child(child(pointer, "ServiceDigitalIdentities"), "ServiceDigitalIdentity");

	for (; territory != NULL && identity != NULL; identity = xml_next_same(identity, NS_TSL, "ServiceDigitalIdentity"))
		for (const XmlNode *id = child(identity, "DigitalId"); id != NULL; id = xml_next_same(id, NS_TSL, "DigitalId"))
		{
			const XmlNode *node = child(id, "X509Certificate");

			if (node != NULL)
				put_signer(list, territory, node);
		}
}

/* (list bytea) returns table (next_update, territory, certificate) */
Datum
ootspg_read_list_of_lists(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	XmlDocument *document;
	TrustList	list = {0};
	const XmlNode *scheme;

	InitMaterializedSRF(fcinfo, 0);
	document = xml_read_or_raise(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes), "list of lists");
	list.root = xml_root(document);
	list.store = result->setResult;
	list.description = result->setDesc;
	scheme = child(list.root, "SchemeInformation");
	if (!xml_is(list.root, NS_TSL, "TrustServiceStatusList") || !is_text(scheme, "TSLType", LIST_OF_LISTS))
		refuse("it is not the list of lists, either");
	list.values[0] = moment_of(text_of(child(scheme, "NextUpdate"), "dateTime"), "it does not say when the next one comes");
	for (const XmlNode *pointer = child(child(scheme, "PointersToOtherTSL"), "OtherTSLPointer"); pointer != NULL;
		 pointer = xml_next_same(pointer, NS_TSL, "OtherTSLPointer"))
	{
		CHECK_FOR_INTERRUPTS();
		read_pointer(&list, pointer);
	}
	xml_release(document);
	return (Datum) 0;
}
