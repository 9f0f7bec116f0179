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
#include "utils/timestamp.h"

#include "configuration/kept.h"
#include "exchange/exchange.h"
#include "query.h"

/* An environment whose providers the sender may ask. */
typedef struct Acceptance
{
	char	   *environment;
	bool		listed;			/* for requesters of a list only */
	TimestampTz valid_from,
				valid_until;
} Acceptance;

/* Objects of an earlier version of the extension may serve until they are updated. */
static bool
list_exists(void)
{
	return OidIsValid(get_relname_relid("accepted_party", get_namespace_oid("ootspg", false)));
}

/* Whether a list is kept: something, or nothing. */
static void *
read_list_kept(const void *question)
{
	if (query_run("SELECT FROM ootspg.accepted_party", NULL, true, 1, SPI_OK_SELECT) == 0)
		return pstrdup("no");
	return pstrdup("yes");
}

/* Of the party; what is not valid any more, or not yet, as well: the list is read once. */
static void *
read_acceptances(const void *question)
{
	const Header *header = question;
	QueryArguments arguments = {0};
	List	   *acceptances = NIL;
	uint64		count;

	query_add_text(&arguments, header->from_party);
	query_add_text(&arguments, header->from_party_type);
	count = query_run("SELECT p.environment, p.requesters = 'listed', p.valid_from, coalesce(p.valid_until, 'infinity') FROM ootspg.accepted_party p "
					  "WHERE p.party_id = $1 AND p.party_id_type = $2", &arguments, true, 0, SPI_OK_SELECT);
	for (uint64 row = 0; row < count; row++)
	{
		Acceptance *acceptance = palloc(sizeof(Acceptance));
		bool		isnull;

		acceptance->environment = query_text(row, 1);
		acceptance->listed = query_bool(row, 2);
		acceptance->valid_from = DatumGetTimestampTz(query_value(row, 3, &isnull));
		acceptance->valid_until = DatumGetTimestampTz(query_value(row, 4, &isnull));
		acceptances = lappend(acceptances, acceptance);
	}
	return acceptances;
}

/* A sender of several names, one of them accepted, is not known: nothing tells which one was authenticated. */
static void
find_acceptances(Exchange *exchange)
{
	const Header *header = exchange->header;
	TimestampTz now = GetCurrentTimestamp();
	OwnerSwitch caller;
	List	   *acceptances = NIL;
	ListCell   *cell;

	owner_begin(&caller);
	exchange->senders_listed = strcmp(kept_get("senders listed", read_list_kept, NULL), "yes") == 0;
	if (exchange->senders_listed && header != NULL && header->from_parties == 1 && header->from_party != NULL && header->from_party_type != NULL)
		acceptances = kept_get(psprintf("sender %zu %s %s", strlen(header->from_party), header->from_party, header->from_party_type),
							   read_acceptances, header);
	owner_end(&caller);
	foreach(cell, acceptances)
	{
		Acceptance *acceptance = lfirst(cell);

		if (acceptance->valid_from <= now && now < acceptance->valid_until)
			exchange->acceptances = lappend(exchange->acceptances, acceptance);
	}
}

bool
exchange_accept_sender(Exchange *exchange)
{
	if (exchange->header_bytes == NULL || exchange->sender_accepted || !list_exists())
		return true;
	find_acceptances(exchange);
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

/* Something when the requester is on the list of its sender, nothing when it is not. */
static void *
read_requester(const void *question)
{
	const Exchange *exchange = question;
	const Agent *requester = exchange->request->requester;
	QueryArguments arguments = {0};

	query_add_text(&arguments, exchange->header->from_party);
	query_add_text(&arguments, exchange->header->from_party_type);
	query_add_text(&arguments, exchange->provider->environment);
	query_add_text(&arguments, requester->scheme);
	query_add_text(&arguments, requester->identifier);
	if (query_run("SELECT FROM ootspg.accepted_requester r WHERE r.party_id = $1 AND r.party_id_type = $2 AND r.environment = $3 "
				  "AND r.scheme = $4 AND r.identifier = $5", &arguments, true, 1, SPI_OK_SELECT) == 0)
		return NULL;
	return pstrdup("listed");
}

/* What a requester says of itself has no separator that it could not say too: lengths tell where each part ends. */
static bool
requester_listed(const Exchange *exchange)
{
	const Header *header = exchange->header;
	const Agent *requester = exchange->request->requester;
	OwnerSwitch caller;
	bool		listed;

	if (requester->scheme == NULL || requester->identifier == NULL)
		return false;
	owner_begin(&caller);
	listed = kept_get(psprintf("requester %zu %s %zu %s %zu %s %s %s", strlen(header->from_party), header->from_party,
							   strlen(header->from_party_type), header->from_party_type, strlen(requester->scheme), requester->scheme,
							   exchange->provider->environment, requester->identifier), read_requester, exchange) != NULL;
	owner_end(&caller);
	return listed;
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
