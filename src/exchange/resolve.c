/*
 * resolve.c
 *		From request to evidence type and distribution, in the order of D-TMO-04: accepted requester (0002), known procedure and type (0004), format (0007), time (0005),
 *		preview, then level of assurance and representation. Answers as DUTY §3.2
 *		tells.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "exchange/exchange.h"
#include "message/moment.h"

static bool
same_provider(const Exchange *exchange)
{
	const Agent *asked = exchange->request->provider;
	const Agent *ours = exchange->type->provider->agent;

	return asked->scheme != NULL && asked->identifier != NULL &&
		strcmp(asked->scheme, ours->scheme) == 0 && strcmp(asked->identifier, ours->identifier) == 0;
}

/* What follows the marker in a semantic repository URL: hosts and environments vary. */
static const char *
url_tail(const char *url, const char *marker)
{
	const char *found = url ? strstr(url, marker) : NULL;

	return found ? found + strlen(marker) : NULL;
}

static bool
same_classification(const char *asked, const char *ours)
{
	static const char marker[] = "/evidencetypeclassifications/";
	const char *a = url_tail(asked, marker);
	const char *b = url_tail(ours, marker);

	return a != NULL && b != NULL && pg_strcasecmp(a, b) == 0;
}

static bool
serves_procedure(const EvidenceType *type, const char *procedure)
{
	ListCell   *cell;

	foreach(cell, type->procedures)
		if (strcmp(lfirst(cell), procedure) == 0)
			return true;
	return false;
}

static void
find_type(Exchange *exchange)
{
	const Request *request = exchange->request;
	EvidenceType *type = evidence_type_by_service(request->data_service, exchange->line);

	if (exchange->unknown_procedure)
		verdict_error(exchange, 4, NULL, "procedure unknown");
	else if (type == NULL)
		verdict_error(exchange, 4, NULL, "evidence type unknown");
	/* what a user is looking at is not taken away (D-OPS-12) */
	else if (!type->active && !IS_SECOND(exchange))
		verdict_error(exchange, 4, NULL, "evidence type not active");
	if (!PENDING(exchange))
		return;
	exchange->type = type;
	exchange->system_check = request->procedure != NULL && strcmp(request->procedure, "00") == 0;
	if (!same_provider(exchange))
		verdict_error(exchange, 4, NULL, "evidence type of another provider");
	else if (type->classification == NULL)
		verdict_error(exchange, 4, NULL, "evidence type not served on this line");
	else if (!same_classification(request->classification, type->classification))
		verdict_error(exchange, 4, NULL, "classification of another evidence type");
	else if (!exchange->system_check && (request->procedure == NULL || !serves_procedure(type, request->procedure)))
		verdict_error(exchange, 4, NULL, "procedure not served");
}

/* The part of a data model's URL that names it, on any host and in any environment. */
static const char *
model_tail(const char *url)
{
	const char *tail = url_tail(url, "/datamodels/");

	return tail ? tail : url_tail(url, "/distributions/");
}

static bool
same_model(const char *asked, const char *ours)
{
	const char *a = model_tail(asked);
	const char *b = model_tail(ours);

	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/*
 * Does the distribution serve what is wanted? A named subset or model must be
 * exactly the distribution's; without one only whole evidence will do (D-MOD-09).
 * What only accompanies another cannot be asked for.
 */
static bool
serves(const Distribution *distribution, const Wanted *wanted)
{
	if (distribution->companion_only || wanted->format == NULL || strcmp(distribution->media_type, wanted->format) != 0)
		return false;
	if (wanted->transformation != NULL)
		return distribution->subset != NULL && same_model(wanted->transformation, distribution->conforms_to);
	if (wanted->conforms_to != NULL)
		return same_model(wanted->conforms_to, distribution->conforms_to);
	return distribution->subset == NULL;
}

/* The requester's order decides; any of the forms will do (EDM §1.4.4). */
void
exchange_choose_distribution(Exchange *exchange)
{
	ListCell   *wanted_cell;
	ListCell   *cell;

	foreach(wanted_cell, exchange->request->wanted)
	{
		const Wanted *wanted = lfirst(wanted_cell);

		foreach(cell, exchange->type->distributions)
		{
			Distribution *distribution = lfirst(cell);

			if (!serves(distribution, wanted))
				continue;
			exchange->wanted = wanted;
			exchange->distribution = distribution;
			return;
		}
	}
	verdict_error(exchange, 7, "none of the requested formats is offered", "format, model or subset not offered");
}

/* When the request was sent, as its header says; else when it came. */
TimestampTz
exchange_sent_at(const Exchange *exchange)
{
	const char *text = exchange->header && !exchange->untrusted_timestamp ? exchange->header->timestamp : NULL;
	TimestampTz result;

	if (text == NULL || !moment_parse(text, &result) || result > exchange->received_at)
		return exchange->received_at;
	return result;
}

TimestampTz
exchange_deadline(const Exchange *exchange)
{
	int64		limit = exchange->type ? exchange->type->t1_ms : 0;

	if (IS_SECOND(exchange))
		return exchange->deadline != 0 ? exchange->deadline : DT_NOEND;
	return limit > 0 ? exchange_sent_at(exchange) + limit * 1000 : DT_NOEND;
}

/* At exactly the limit the answer is still in time (EDM §4; D-TMO-02, D-TMO-03). */
void
exchange_check_time(Exchange *exchange)
{
	if (GetCurrentTimestamp() > exchange_deadline(exchange))
	{
		exchange->verdict.outcome = OUTCOME_PENDING;
		verdict_error(exchange, 5, NULL, IS_SECOND(exchange) ? "time limit T3 passed" : "time limit T1 passed");
	}
}

static int
level(const char *name)
{
	if (name == NULL)
		return 0;
	if (strcmp(name, "High") == 0)
		return 3;
	return strcmp(name, "Substantial") == 0 ? 2 : 1;
}

/* D-IDM-05: each of subject and representative at the level published for the type. */
static void
check_level(Exchange *exchange)
{
	int			needed = level(exchange->type->level_of_assurance);
	const Request *request = exchange->request;

	if (level(request->subject->level_of_assurance) >= needed &&
		(request->representative == NULL || level(request->representative->level_of_assurance) >= needed))
		return;
	if (exchange->sign_in_space != NULL)
	{
		/* they sign in again first, at the level of the type (IR 16(1)) */
		exchange->space = exchange->sign_in_space;
		exchange->sign_in = true;
		return;
	}
	verdict_error(exchange, 1, "the level of assurance is too low", "level of assurance too low");
}

/* Is the procedure within one of the representative's powers? (D-IDM-17) */
static bool
within_powers(const Request *request)
{
	ListCell   *cell;

	foreach(cell, request_powers(request))
	{
		char	   *codes = pstrdup(lfirst(cell));
		char	   *state;

		for (char *code = strtok_r(codes, ", \t\r\n", &state); code; code = strtok_r(NULL, ", \t\r\n", &state))
			if (strcmp(code, request->procedure) == 0)
				return true;
	}
	return false;
}

/* 1.x knows no scope of powers; there the type's entitlement function decides alone. */
static void
check_representation(Exchange *exchange)
{
	if (exchange->request->representative == NULL)
		return;
	if (!exchange->type->representation)
		verdict_error(exchange, 7, "representation is not supported", "representation not supported");
	else if (exchange->line == EDM_V20 && !within_powers(exchange->request))
		verdict_error(exchange, 4, NULL, "procedure outside the powers of representation");
	else if (exchange->type->entitlement == NULL)
		verdict_error(exchange, 4, NULL, "no entitlement but to one's own record");
}

void
exchange_resolve(Exchange *exchange)
{
	void		(*const steps[]) (Exchange *) = {
		exchange_check_requester, find_type, exchange_choose_distribution, exchange_check_time, exchange_check_preview, check_level, check_representation
	};

	for (int i = 0; i < (int) lengthof(steps) && PENDING(exchange); i++)
	{
		/* sample evidence concerns no person: nothing to preview, nobody to identify */
		if (exchange->system_check && i > 3)
			break;
		steps[i] (exchange);
		/* the level was enough for the first request, and the session says whose it is */
		if (IS_SECOND(exchange) && i > 3)
			break;
	}
}
