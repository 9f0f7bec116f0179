/*
 * sender.c
 *		Who may ask (D-REG-08). The access point that a message comes from is known
 *		before its body is opened, and vouched for by ours; of a sender that is not on
 *		the list nothing is opened, and it gets no answer: there is nothing to
 *		correlate one with, and no P-Mode to count on (EDM §2.0). The requester behind an
 *		accepted sender can be answered: that it may not ask is a genuine
 *		authorisation refusal (EDM §1.6.3).
 *
 *		The list is read as its owner: it holds for callers who may not read it. A
 *		request handed over without header names no sender; who hands it over vouches.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "utils/lsyscache.h"

#include "exchange/exchange.h"
#include "query.h"

/* An environment whose providers the sender may ask. */
typedef struct Acceptance
{
	char	   *environment;
	bool		listed;			/* for requesters of a list only */
} Acceptance;

/* Objects of an earlier version of the extension may serve until they are updated. */
static bool
list_exists(void)
{
	return OidIsValid(get_relname_relid("accepted_party", get_namespace_oid("ootspg", false)));
}

/* One row at least: whether a list is kept, beside each environment that accepts the sender. */
#define ACCEPTANCES \
	"SELECT k.kept, p.environment, p.requesters = 'listed' FROM (SELECT EXISTS (SELECT FROM ootspg.accepted_party) AS kept) k " \
	"LEFT JOIN ootspg.accepted_party p ON p.party_id = $1 AND p.party_id_type = $2 " \
	"AND p.valid_from <= clock_timestamp() AND (p.valid_until > clock_timestamp() OR p.valid_until IS NULL)"

/* A sender of several names, one of them accepted, is not known: nothing tells which one was authenticated. */
static void
read_acceptances(Exchange *exchange)
{
	const Header *header = exchange->header;
	bool		named = header != NULL && header->from_parties == 1;
	QueryArguments arguments = {0};
	OwnerSwitch caller;
	uint64		count;

	query_add_text(&arguments, named ? header->from_party : NULL);
	query_add_text(&arguments, named ? header->from_party_type : NULL);
	owner_begin(&caller);
	count = query_run(ACCEPTANCES, &arguments, true, 0, SPI_OK_SELECT);
	owner_end(&caller);
	exchange->senders_listed = query_bool(0, 1);
	for (uint64 row = 0; row < count; row++)
	{
		Acceptance *acceptance = palloc(sizeof(Acceptance));

		acceptance->environment = query_text(row, 2);
		acceptance->listed = query_bool(row, 3);
		if (acceptance->environment != NULL)
			exchange->acceptances = lappend(exchange->acceptances, acceptance);
	}
}

bool
exchange_accept_sender(Exchange *exchange)
{
	if (exchange->header_bytes == NULL || exchange->sender_accepted || !list_exists())
		return true;
	read_acceptances(exchange);
	if (!exchange->senders_listed || exchange->acceptances != NIL)
		return true;
	exchange->sender_refused = true;
	verdict_outcome(exchange, OUTCOME_UNANSWERABLE, "unknown sender");
	return false;
}

static const Acceptance *
acceptance_in(const Exchange *exchange, const char *environment)
{
	ListCell   *cell;

	foreach(cell, exchange->acceptances)
	{
		const Acceptance *acceptance = lfirst(cell);

		if (strcmp(acceptance->environment, environment) == 0)
			return acceptance;
	}
	return NULL;
}

static bool
requester_listed(const Exchange *exchange)
{
	const Agent *requester = exchange->request->requester;
	QueryArguments arguments = {0};
	OwnerSwitch caller;
	uint64		count;

	query_add_text(&arguments, exchange->header->from_party);
	query_add_text(&arguments, exchange->header->from_party_type);
	query_add_text(&arguments, exchange->provider->environment);
	query_add_text(&arguments, requester->scheme);
	query_add_text(&arguments, requester->identifier);
	owner_begin(&caller);
	count = query_run("SELECT FROM ootspg.accepted_requester r WHERE r.party_id = $1 AND r.party_id_type = $2 AND r.environment = $3 "
					  "AND r.scheme = $4 AND r.identifier = $5", &arguments, true, 1, SPI_OK_SELECT);
	owner_end(&caller);
	return count > 0;
}

/* In 1.0 an error of authorisation must not have severity Error (ERR-C015): there it is served nothing. */
static void
refuse(Exchange *exchange, const char *detail, const char *reason)
{
	verdict_error(exchange, exchange->line == EDM_V10 ? 4 : 2, detail, reason);
}

void
exchange_check_requester(Exchange *exchange)
{
	const Acceptance *acceptance;

	if (!exchange->senders_listed)
		return;
	acceptance = acceptance_in(exchange, exchange->provider->environment);
	if (acceptance == NULL)
		refuse(exchange, "the access point is not accepted in this environment", "sender of another environment");
	else if (acceptance->listed && !requester_listed(exchange))
		refuse(exchange, "the evidence requester is not accepted", "requester not accepted");
}
