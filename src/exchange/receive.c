/*
 * receive.c
 *		Read the bytes, decide on the line, run the rules (EDM §2.0 order of
 *		checks, §6 version matrix). A message that cannot be read at all is still
 *		an exchange: it is logged and, if an addressee is known, answered. So is one
 *		whose sender may not ask, and it is not opened.
 */
#include "postgres.h"

#include "exchange/exchange.h"
#include "message/moment.h"
#include "message/occurs.h"
#include "message/rules.h"
#include "message/shape.h"

/* What is said twice is said of two: nobody may choose between them. */
static const char *
too_often(const char *element)
{
	return psprintf("%s: more than once, or not by itself", element);
}

static XmlDocument *
read_header(Exchange *exchange)
{
	XmlFault	fault;
	XmlDocument *document;

	if (exchange->header_bytes == NULL)
		return NULL;
	document = xml_read(exchange->header_bytes, exchange->header_length, &fault);
	if (document != NULL)
		exchange->header = header_read(document);
	if (exchange->header == NULL)
		verdict_outcome(exchange, OUTCOME_UNANSWERABLE, "the ebMS header cannot be read");
	else if (exchange->header->twice != NULL)
		verdict_outcome(exchange, OUTCOME_UNANSWERABLE, too_often(exchange->header->twice));
	return exchange->header ? document : NULL;
}

/*
 * Header property SpecificationId decides where it exists, whatever its value:
 * the 2.0 rules then judge it (R-EDM-ebMS-038). Otherwise the slot decides; an
 * unknown one is judged by the line whose header this is (EDM §6.3).
 */
static EdmLine
decide_line(const Exchange *exchange)
{
	const Header *header = exchange->header;
	EdmLine		slot = exchange->request ? exchange->request->line : EDM_NONE;

	if (header != NULL && header_property(header, "SpecificationId") != NULL)
		return EDM_V20;
	if (slot != EDM_NONE)
		return slot;
	return (header != NULL && header_property(header, "ExchangeId") != NULL) ? EDM_V20 : EDM_NONE;
}

static bool
is_one_of(const char *id, const char *const *ids, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(id, ids[i]) == 0)
			return true;
	return false;
}

static bool
has_form_of_procedures(const char *list)
{
	char	   *codes = pstrdup(list);
	char	   *state;

	for (char *code = strtok_r(codes, ", \t\r\n", &state); code; code = strtok_r(NULL, ", \t\r\n", &state))
		if (!shape_procedure(code))
			return false;
	return true;
}

/*
 * A code that looks like a procedure and is in no list is one that we do not serve, and no fault of the
 * request: lists grow (EDM §1.6.3; D-MOD-18). The same holds for the powers of a representative.
 */
static bool
is_unknown_procedure(const RuleViolation *violation, const Request *request)
{
	static const char *const of_powers[] = {"R-EDM-REQ-C081", "R-EDM-REQ-C091"};
	ListCell   *cell;

	if (strcmp(violation->rule_id, "R-EDM-REQ-C003") == 0)
		return request->procedure != NULL && shape_procedure(request->procedure);
	if (!is_one_of(violation->rule_id, of_powers, lengthof(of_powers)) || request->representative == NULL)
		return false;
	foreach(cell, request->representative->sector_attributes)
	{
		const LocalText *attribute = lfirst(cell);

		if (attribute->text == NULL || !has_form_of_procedures(attribute->text))
			return false;
	}
	return true;
}

/*
 * The rule named in the answer: header first, then the version, then the body in
 * the order of the tables (EDM §2.0; D-TMO-04).
 */
static const RuleViolation *
decisive_violation(Exchange *exchange)
{
	static const char *const version_rules[] = {"R-EDM-REQ-S005", "R-EDM-REQ-C001"};
	const RuleViolation *version = NULL;
	const RuleViolation *first = NULL;
	const ListCell *cell;

	foreach(cell, exchange->violations)
	{
		const RuleViolation *violation = lfirst(cell);

		if (violation->severity != RULE_FATAL)
			continue;
		if (is_unknown_procedure(violation, exchange->request))
		{
			exchange->unknown_procedure = true;
			continue;
		}
		if (strncmp(violation->rule_id, "R-EDM-ebMS-", 11) == 0)
			return violation;
		if (version == NULL && is_one_of(violation->rule_id, version_rules, lengthof(version_rules)))
			version = violation;
		if (first == NULL)
			first = violation;
	}
	return version ? version : first;
}

static bool
violates(const List *violations, const char *rule_id)
{
	const ListCell *cell;

	foreach(cell, violations)
		if (strcmp(((const RuleViolation *) lfirst(cell))->rule_id, rule_id) == 0)
			return true;
	return false;
}

/* The answer would have to repeat an invalid header value (EDM §2.0 table). */
static bool
header_forbids_answer(const Exchange *exchange)
{
	const Header *header = exchange->header;
	const HeaderProperty *property;

	if (header == NULL)
		return false;
	if (header->conversation_id == NULL || !shape_uuid(header->conversation_id))
		return true;
	if (exchange->line != EDM_V20)
		return false;
	property = header_property(header, "ExchangeId");
	return property == NULL || !shape_uuid(property->value);
}

static bool
is_given(const char *text)
{
	return text != NULL && text[0] != '\0';
}

/*
 * An answer goes back from access point to access point, to the requester of the
 * body or else to the sender that the header names (EDM §5). Evidence is not
 * looked up for an answer that could not be sent.
 */
static bool
header_names_addressee(const Exchange *exchange)
{
	const Header *header = exchange->header;
	const HeaderProperty *sender;

	if (header == NULL)
		return true;
	if (!is_given(header->from_party) || !is_given(header->to_party))
		return false;
	sender = header_property(header, "originalSender");
	return requester_usable(exchange) || (sender != NULL && is_given(sender->value));
}

static bool
is_day(const char *date)
{
	return date != NULL && moment_is_date(date);
}

static bool
is_boolean(const char *value)
{
	bool		result;

	return request_boolean(value, &result);
}

/* What the schema demands of every person and company; empty elements read as absent. */
static bool
is_named(const Subject *subject)
{
	if (subject->is_legal)
		return subject->identifier != NULL && subject->legal_name != NULL;
	return subject->family_name != NULL && subject->given_name != NULL;
}

/*
 * What the schema refuses and no rule of the line looks at (in 1.0 none minds a slot
 * without value): parts that are not there, a day or time that never was, a flag that
 * is neither true nor false, an id or a requester that an answer could not repeat, a
 * representative who is nobody. The rule named is the one about that place.
 */
static const char *
schema_fault(const Exchange *exchange)
{
	const Request *request = exchange->request;
	const Subject *subject = request->subject;
	const Subject *representative = request->representative;

	if (usable_request_id(exchange) == NULL)
		return "R-EDM-REQ-S004";
	if (request->issue_time == NULL || !moment_is_date_time(request->issue_time))
		return "R-EDM-REQ-C002";
	if (request->return_type == NULL)
		return "R-EDM-REQ-C024";
	if (!requester_usable(exchange))
		return "R-EDM-REQ-C011";
	if (request->provider == NULL)
		return "R-EDM-REQ-S042";
	if (request->data_service == NULL || request->classification == NULL)
		return "R-EDM-REQ-S044";
	if (subject == NULL)
		return "R-EDM-REQ-S016";
	if (!is_named(subject))
		return subject->is_legal ? "R-EDM-REQ-S047" : "R-EDM-REQ-S046";
	if (!is_boolean(request->possibility_for_preview))
		return "R-EDM-REQ-S024";
	if (!is_boolean(request->explicit_request_given))
		return "R-EDM-REQ-S025";
	if (!subject->is_legal && !is_day(subject->date_of_birth))
		return "R-EDM-REQ-C043";
	if (representative != NULL && !representative->is_legal && representative->date_of_birth != NULL &&
		!is_day(representative->date_of_birth))
		return "R-EDM-REQ-C064";
	if (request->represented && representative == NULL)
		return "R-EDM-REQ-S048";
	if (request->misplaced)
		return "R-EDM-REQ-S019";
	return NULL;
}

/* A birth date is a day. The zone that 1.0 lets follow ends here, so that matching, answer and audit know one day. */
static void
keep_day_only(Subject *subject)
{
	if (subject != NULL && is_day(subject->date_of_birth))
		subject->date_of_birth = pnstrdup(subject->date_of_birth, strlen("YYYY-MM-DD"));
}

static void
judge(Exchange *exchange, const XmlDocument *document, const XmlDocument *header)
{
	const RuleViolation *decisive;
	const char *fault;

	exchange->violations = rules_check(document, header, exchange->line);
	keep_day_only(exchange->request->subject);
	keep_day_only(exchange->request->representative);
	if (header_forbids_answer(exchange))
		verdict_outcome(exchange, OUTCOME_UNANSWERABLE,
						violates(exchange->violations, "R-EDM-ebMS-017") ? "R-EDM-ebMS-017" :
						violates(exchange->violations, "R-EDM-ebMS-037") ? "R-EDM-ebMS-037" : "R-EDM-ebMS-019");
	decisive = decisive_violation(exchange);
	if (decisive != NULL)
	{
		verdict_error(exchange, 3, decisive->rule_id, decisive->rule_id);
		return;
	}
	fault = occurs_too_often(xml_root(document));
	if (fault != NULL)
		verdict_error(exchange, 3, too_often(fault), too_often(fault));
	fault = schema_fault(exchange);
	if (fault != NULL)
		verdict_error(exchange, 3, fault, psprintf("%s: no valid value", fault));
	fault = request_oversized(exchange->request);
	if (fault != NULL)
		verdict_error(exchange, 3, fault, psprintf("%s: a name or identifier is too long", fault));
}

static void
settle_line(Exchange *exchange)
{
	exchange->line = decide_line(exchange);
	exchange->line_untold = exchange->line == EDM_NONE;
	if (exchange->line_untold)
		exchange->line = EDM_V12;
}

void
exchange_receive(Exchange *exchange)
{
	XmlDocument *header = read_header(exchange);
	XmlDocument *document;

	if (!exchange_accept_sender(exchange))
	{
		settle_line(exchange);
		return;
	}
	document = xml_read(exchange->body, exchange->body_length, &exchange->fault);
	if (document != NULL && message_kind(xml_root(document)) == MESSAGE_REQUEST)
		exchange->request = request_read(xml_root(document));
	settle_line(exchange);
	if (!header_names_addressee(exchange))
		verdict_outcome(exchange, OUTCOME_UNANSWERABLE, "the ebMS header names nobody to answer");
	if (document == NULL)
		verdict_error(exchange, 3, "the message is not a readable XML document", exchange->fault.reason);
	else if (exchange->request == NULL)
		verdict_error(exchange, 3, "R-EDM-REQ-S001", "R-EDM-REQ-S001");
	else
		judge(exchange, document, header);
	if (exchange->request == NULL && header_forbids_answer(exchange))
		exchange->verdict = (Verdict) {.outcome = OUTCOME_UNANSWERABLE,.reason = exchange->verdict.reason};
}
