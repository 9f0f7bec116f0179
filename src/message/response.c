/*
 * response.c
 *		Write responses and errors for a line (EDM §1.5, §1.6). Prefixes are
 *		exactly rim, rs, query, sdg (trap 2 of §0); all are declared on the root.
 */
#include "postgres.h"

#include "message/response.h"
#include "message/shape.h"
#include "xml/canon.h"
#include "xml/read.h"
#include "uuid.h"

#define STATUS_PREFIX	"urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:"
#define SEVERITY_PREVIEW "urn:sr.oots.tech.ec.europa.eu:codes:ErrorSeverity:EDMErrorResponse:PreviewRequired"
#define SEVERITY_ERROR	"urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"
#define ASSOCIATION_PREFIX "urn:oasis:names:tc:ebxml-regrep:AssociationType:"
#define EDM_CLASSIFICATION "urn:fdc:oots:classification:edm"
#define COLLECTION_SET	"urn:oasis:names:tc:ebxml-regrep:CollectionType:Set"

static void
rim_open(CanonWriter *w, const char *local, const char *xsi_type)
{
	canon_open(w, "rim", NS_RIM, local);
	if (xsi_type != NULL)
		canon_attribute_ns(w, "xsi", NS_XSI, "type", xsi_type);
}

static void
sdg_leaf(CanonWriter *w, const char *local, const char *text)
{
	if (text != NULL)
		canon_leaf(w, "sdg", NS_SDG, local, text);
}

static void
sdg_text_in(CanonWriter *w, const char *local, const char *attribute, const char *value, const char *text)
{
	canon_open(w, "sdg", NS_SDG, local);
	if (value != NULL)
		canon_attribute(w, attribute, value);
	canon_string(w, text);
	canon_close(w);
}

static void
open_slot(CanonWriter *w, const char *name, const char *value_type)
{
	rim_open(w, "Slot", NULL);
	canon_attribute(w, "name", name);
	rim_open(w, "SlotValue", value_type);
}

static void
close_slot(CanonWriter *w)
{
	canon_close(w);
	canon_close(w);
}

static void
value_slot(CanonWriter *w, const char *name, const char *value_type, const char *value)
{
	open_slot(w, name, value_type);
	canon_leaf(w, "rim", NS_RIM, "Value", value);
	close_slot(w);
}

/* Does an earlier text speak the language of this one? */
static bool
language_said(const List *texts, const LocalText *text)
{
	const ListCell *cell;

	foreach(cell, texts)
	{
		const LocalText *earlier = lfirst(cell);

		if (earlier == text)
			break;
		if (strcmp(earlier->language, text->language) == 0)
			return true;
	}
	return false;
}

/* The first in each language: a requester may have given more, an answer may not (ERR-S030). */
static void
write_names(CanonWriter *w, const char *local, const List *texts)
{
	const ListCell *cell;

	foreach(cell, texts)
	{
		const LocalText *text = lfirst(cell);

		if (!language_said(texts, text))
			sdg_text_in(w, local, "lang", text->language, text->text);
	}
}

/* Identifier and names; with address and classification where the slot has them. */
static void
write_agent(CanonWriter *w, const char *element, const Agent *agent, const char *classification)
{
	canon_open(w, "sdg", NS_SDG, element);
	sdg_text_in(w, "Identifier", "schemeID", agent->scheme, agent->identifier);
	write_names(w, "Name", agent->names);
	if (classification != NULL)
	{
		canon_open(w, "sdg", NS_SDG, "Address");
		sdg_leaf(w, "FullAddress", agent->full_address);
		sdg_leaf(w, "AdminUnitLevel1", agent->country);
		sdg_leaf(w, "AdminUnitLevel2", agent->nuts);
		canon_close(w);
		sdg_leaf(w, "Classification", classification);
	}
	canon_close(w);
}

static void
open_response(CanonWriter *w, const ResponseFrame *frame, const char *status)
{
	canon_open(w, "query", NS_QUERY, "QueryResponse");
	canon_declare(w, "rim", NS_RIM);
	canon_declare(w, "rs", NS_RS);
	canon_declare(w, "sdg", NS_SDG);
	canon_declare(w, "xlink", NS_XLINK);
	canon_declare(w, "xsi", NS_XSI);
	if (frame->request_id != NULL)
		canon_attribute(w, "requestId", frame->request_id);
	canon_attribute(w, "status", status);
	value_slot(w, "SpecificationIdentifier", "rim:StringValueType", line_traits(frame->line)->identifier);
	value_slot(w, "EvidenceResponseIdentifier", "rim:StringValueType", frame->response_id);
}

static void
requester_slot(CanonWriter *w, const Agent *requester)
{
	open_slot(w, "EvidenceRequester", "rim:AnyValueType");
	write_agent(w, "Agent", requester, NULL);
	close_slot(w);
}

/* The requested subject's minimum data set as received (D-IDM-21, RESP-S041, S042). */
static void
write_is_about(CanonWriter *w, const Subject *subject)
{
	canon_open(w, "sdg", NS_SDG, "IsAbout");
	canon_open(w, "sdg", NS_SDG, subject->is_legal ? "LegalPerson" : "NaturalPerson");
	if (subject->identifier != NULL)
		sdg_text_in(w, subject->is_legal ? "LegalPersonIdentifier" : "Identifier", "schemeID",
					subject->scheme, subject->identifier);
	if (subject->is_legal)
		sdg_leaf(w, "LegalName", subject->legal_name);
	else
	{
		sdg_leaf(w, "FamilyName", subject->family_name);
		sdg_leaf(w, "GivenName", subject->given_name);
		sdg_leaf(w, "DateOfBirth", subject->date_of_birth);
		/* one letter would break RESP-C049; 1.0 and 1.1 ask it of no request */
		if (subject->place_of_birth != NULL && shape_length(subject->place_of_birth) > 1)
			sdg_leaf(w, "PlaceOfBirth", subject->place_of_birth);
	}
	canon_close(w);
	canon_close(w);
}

/*
 * sdg:Evidence. A companion in a package has identifier and distribution only
 * (RESP-S063); everywhere else all six elements are due (S062, v1.0 schema).
 */
static void
write_evidence(CanonWriter *w, const ResponseFrame *frame, const ResponseItem *item, const Subject *subject,
			   const char *classification, const List *titles, bool whole)
{
	canon_open(w, "sdg", NS_SDG, "Evidence");
	sdg_leaf(w, "Identifier", item->evidence_id);
	if (whole)
	{
		write_is_about(w, subject);
		write_agent(w, "IssuingAuthority", item->authority != NULL ? item->authority : frame->provider, NULL);
		canon_open(w, "sdg", NS_SDG, "IsConformantTo");
		sdg_leaf(w, "EvidenceTypeClassification", classification);
		write_names(w, "Title", titles);
		canon_close(w);
		sdg_leaf(w, "IssuingDate", item->issuing_date);
	}
	canon_open(w, "sdg", NS_SDG, "Distribution");
	sdg_leaf(w, "Format", item->media_type);
	sdg_leaf(w, "Language", item->language);
	sdg_leaf(w, "ConformsTo", item->conforms_to);
	canon_close(w);
	if (whole && item->valid_from != NULL && item->valid_until != NULL)
	{
		canon_open(w, "sdg", NS_SDG, "ValidityPeriod");
		sdg_leaf(w, "StartDate", item->valid_from);
		sdg_leaf(w, "EndDate", item->valid_until);
		canon_close(w);
	}
	canon_close(w);
}

static void
write_object(CanonWriter *w, const ResponseFrame *frame, const ResponseItem *item, const char *object_id,
			 const Subject *subject, const char *classification, const List *titles)
{
	bool		packaged = line_traits(frame->line)->packaged;
	bool		main_evidence = strcmp(item->role, "MainEvidence") == 0;

	rim_open(w, "RegistryObject", "rim:ExtrinsicObjectType");
	canon_attribute(w, "id", object_id);
	open_slot(w, "EvidenceMetadata", "rim:AnyValueType");
	write_evidence(w, frame, item, subject, classification, titles, !packaged || main_evidence);
	close_slot(w);
	if (packaged)
	{
		rim_open(w, "Classification", NULL);
		canon_attribute(w, "id", uuid_urn());
		canon_attribute(w, "classificationScheme", EDM_CLASSIFICATION);
		canon_attribute(w, "classificationNode", item->role);
		canon_close(w);
	}
	rim_open(w, "RepositoryItemRef", NULL);
	canon_attribute_ns(w, "xlink", NS_XLINK, "href", psprintf("cid:%s", item->content_id));
	canon_attribute_ns(w, "xlink", NS_XLINK, "title", item->title);
	canon_close(w);
	canon_close(w);
}

static void
write_association(CanonWriter *w, const char *role, const char *source, const char *target)
{
	rim_open(w, "RegistryObject", "rim:AssociationType");
	canon_attribute(w, "id", uuid_urn());
	canon_attribute(w, "type", psprintf(ASSOCIATION_PREFIX "%s", role));
	canon_attribute(w, "sourceObject", source);
	canon_attribute(w, "targetObject", target);
	canon_close(w);
}

static void
open_package(CanonWriter *w)
{
	rim_open(w, "RegistryObject", "rim:RegistryPackageType");
	canon_attribute(w, "id", uuid_urn());
	rim_open(w, "RegistryObjectList", NULL);
}

static void
close_package(CanonWriter *w)
{
	canon_close(w);
	canon_close(w);
}

/*
 * Flat in 1.x; in 2.0 one package for each main evidence with its companions
 * and their associations (EDM §1.5.3, §1.5.4).
 */
static void
write_objects(CanonWriter *w, const ResponseFrame *frame, const Subject *subject,
			  const char *classification, const List *titles, const List *items)
{
	bool		packaged = line_traits(frame->line)->packaged;
	const char *main_id = NULL;
	const ListCell *cell;

	foreach(cell, items)
	{
		const ResponseItem *item = lfirst(cell);
		const char *object_id = uuid_urn();
		bool		main_evidence = strcmp(item->role, "MainEvidence") == 0;

		if (packaged && main_evidence)
		{
			if (main_id != NULL)
				close_package(w);
			open_package(w);
			main_id = object_id;
		}
		write_object(w, frame, item, object_id, subject, classification, titles);
		if (packaged && !main_evidence)
			write_association(w, item->role, object_id, main_id);
	}
	if (main_id != NULL)
		close_package(w);
}

void
response_write(StringInfo out, const ResponseFrame *frame, const Subject *subject,
			   const char *classification, const List *titles, const List *items)
{
	CanonWriter *w = canon_begin(out);

	open_response(w, frame, frame->available != NULL ? STATUS_PREFIX "Unavailable" : STATUS_PREFIX "Success");
	value_slot(w, "IssueDateTime", "rim:DateTimeValueType", frame->issued);
	if (frame->available != NULL)
		value_slot(w, "ResponseAvailableDateTime", "rim:DateTimeValueType", frame->available);
	open_slot(w, "EvidenceProvider", "rim:CollectionValueType");
	canon_attribute(w, "collectionType", COLLECTION_SET);
	rim_open(w, "Element", "rim:AnyValueType");
	write_agent(w, "Agent", frame->provider, "EP");
	canon_close(w);
	close_slot(w);
	requester_slot(w, frame->requester);
	rim_open(w, "RegistryObjectList", NULL);
	write_objects(w, frame, subject, classification, titles, items);
	canon_close(w);
	canon_close(w);
	canon_end(w);
}

/* In 1.2 the method must be said (ERR-S031), in 1.0 only GET passes (ERR-C021), in 2.0 there is none (ERR-S027). */
static void
write_preview(CanonWriter *w, const ResponseFrame *frame, const PreviewNotice *preview)
{
	const ListCell *cell;
	const char *method = preview->method != NULL && frame->line != EDM_V10 ? preview->method : "GET";

	value_slot(w, "PreviewLocation", "rim:StringValueType", preview->location);
	open_slot(w, "PreviewDescription", "rim:InternationalStringValueType");
	canon_open(w, "rim", NS_RIM, "Value");
	foreach(cell, preview->descriptions)
	{
		const LocalText *text = lfirst(cell);

		canon_open(w, "rim", NS_RIM, "LocalizedString");
		canon_attribute(w, "value", text->text);
		canon_attribute_ns(w, "xml", NS_XML, "lang", text->language);
		canon_close(w);
	}
	canon_close(w);
	close_slot(w);
	if (line_traits(frame->line)->preview_method)
		value_slot(w, "PreviewMethod", "rim:StringValueType", method);
}

void
response_write_error(StringInfo out, const ResponseFrame *frame, const ErrorCode *error, const char *detail, const PreviewNotice *preview)
{
	CanonWriter *w = canon_begin(out);

	open_response(w, frame, STATUS_PREFIX "Failure");
	open_slot(w, "ErrorProvider", "rim:AnyValueType");
	write_agent(w, "Agent", frame->provider, "ERRP");
	close_slot(w);
	if (frame->requester != NULL)
		requester_slot(w, frame->requester);
	canon_open(w, "rs", NS_RS, "Exception");
	canon_attribute_ns(w, "xsi", NS_XSI, "type", error->type);
	canon_attribute(w, "code", error->code);
	canon_attribute(w, "message", error->message);
	if (detail != NULL)
		canon_attribute(w, "detail", detail);
	canon_attribute(w, "severity", preview ? SEVERITY_PREVIEW : SEVERITY_ERROR);
	value_slot(w, "Timestamp", "rim:DateTimeValueType", frame->issued);
	if (preview != NULL)
		write_preview(w, frame, preview);
	canon_close(w);
	canon_close(w);
	canon_end(w);
}

static void
eb_leaf(CanonWriter *w, const char *local, const char *attribute, const char *value, const char *text)
{
	canon_open(w, "eb", NS_EB, local);
	if (value != NULL)
		canon_attribute(w, attribute, value);
	canon_string(w, text);
	canon_close(w);
}

static void
header_party(CanonWriter *w, const char *local, const char *party, const char *type)
{
	canon_open(w, "eb", NS_EB, local);
	eb_leaf(w, "PartyId", "type", type, party);
	eb_leaf(w, "Role", NULL, NULL, "http://sdg.europa.eu/edelivery/gateway");
	canon_close(w);
}

static void
header_property_out(CanonWriter *w, const char *name, const char *type, const char *value)
{
	canon_open(w, "eb", NS_EB, "Property");
	canon_attribute(w, "name", name);
	if (type != NULL)
		canon_attribute(w, "type", type);
	canon_string(w, value);
	canon_close(w);
}

/* Sender and recipient swap sides; what the request carried is repeated (EDM §5). */
static void
header_properties_out(CanonWriter *w, const ResponseFrame *frame, const Header *request)
{
	const HeaderProperty *recipient = header_property(request, "originalSender");
	const HeaderProperty *exchange = header_property(request, "ExchangeId");

	canon_open(w, "eb", NS_EB, "MessageProperties");
	header_property_out(w, "originalSender", frame->provider->scheme, frame->provider->identifier);
	if (frame->requester != NULL)
		header_property_out(w, "finalRecipient", frame->requester->scheme, frame->requester->identifier);
	else if (recipient != NULL)
		header_property_out(w, "finalRecipient", recipient->type, recipient->value);
	if (line_traits(frame->line)->header_properties == 4)
	{
		if (exchange != NULL)
			header_property_out(w, "ExchangeId", NULL, exchange->value);
		header_property_out(w, "SpecificationId", NULL, line_traits(frame->line)->identifier);
	}
	canon_close(w);
}

static void
header_parts_out(CanonWriter *w, const List *parts)
{
	const ListCell *cell;

	canon_open(w, "eb", NS_EB, "PayloadInfo");
	foreach(cell, parts)
	{
		const ResponsePart *part = lfirst(cell);

		canon_open(w, "eb", NS_EB, "PartInfo");
		canon_attribute(w, "href", psprintf("cid:%s", part->content_id));
		canon_open(w, "eb", NS_EB, "PartProperties");
		header_property_out(w, "MimeType", NULL, part->media_type);
		canon_close(w);
		canon_close(w);
	}
	canon_close(w);
}

void
response_write_header(StringInfo out, const ResponseFrame *frame, const Header *request,
					  const char *action, const char *message_id, const List *parts)
{
	CanonWriter *w = canon_begin(out);

	canon_open(w, "eb", NS_EB, "Messaging");
	canon_open(w, "eb", NS_EB, "UserMessage");
	canon_open(w, "eb", NS_EB, "MessageInfo");
	eb_leaf(w, "Timestamp", NULL, NULL, frame->issued);
	eb_leaf(w, "MessageId", NULL, NULL, message_id);
	canon_close(w);
	canon_open(w, "eb", NS_EB, "PartyInfo");
	header_party(w, "From", request->to_party, request->to_party_type);
	header_party(w, "To", request->from_party, request->from_party_type);
	canon_close(w);
	canon_open(w, "eb", NS_EB, "CollaborationInfo");
	eb_leaf(w, "Service", "type", "urn:oasis:names:tc:ebcore:ebrs:ebms:binding:1.0", "QueryManager");
	eb_leaf(w, "Action", NULL, NULL, action);
	eb_leaf(w, "ConversationId", NULL, NULL, request->conversation_id);
	canon_close(w);
	header_properties_out(w, frame, request);
	header_parts_out(w, parts);
	canon_close(w);
	canon_close(w);
	canon_end(w);
}
