/*
 * address.c
 *		Whom a request is for, before anything is done with it: nothing is answered in
 *		a provider's name by who has no duty to, and no request id is used up.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "configuration/duty.h"
#include "exchange/exchange.h"
#include "message/codelist.h"

/* Header property finalRecipient names the provider when the body cannot. */
static Provider *
provider_by_header(const Header *header)
{
	const HeaderProperty *recipient = header ? header_property(header, "finalRecipient") : NULL;

	return recipient ? provider_by_identifier(recipient->type, recipient->value) : NULL;
}

/* The addressed provider, else the header's, else the only one there is. */
static Provider *
find_provider(const Exchange *exchange)
{
	const Request *request = exchange->request;
	Provider   *provider = NULL;

	if (request != NULL && request->provider != NULL)
		provider = provider_by_identifier(request->provider->scheme, request->provider->identifier);
	if (provider == NULL)
		provider = provider_by_header(exchange->header);
	if (provider == NULL)
		provider = provider_only_one();
	return provider;
}

/* Workers: each answers for the providers of its role, with whatever duties it has besides. */
static bool
is_role_of(const Exchange *exchange, const Provider *provider)
{
	return (provider->has_answer_role ? provider->answer_role : exchange->default_role) == GetSessionUserId();
}

static void
not_addressed(Exchange *exchange, const char *reason)
{
	exchange->provider = NULL;
	if (exchange->sender_refused)
		return;
	exchange->verdict.outcome = OUTCOME_PENDING;
	verdict_outcome(exchange, OUTCOME_UNANSWERABLE, reason);
}

bool
exchange_address(Exchange *exchange)
{
	Provider   *provider = find_provider(exchange);

	if (provider == NULL)
	{
		not_addressed(exchange, "no provider of this database is addressed");
		return true;
	}
	if (exchange->by_worker && !(is_role_of(exchange, provider) && duty_covers("exchange", provider->name)))
	{
		exchange->elsewhere = provider->agent;
		return false;
	}
	if (!duty_covers("exchange", provider->name))
	{
		not_addressed(exchange, "addressed to a provider that the role does not answer for");
		return true;
	}
	exchange->provider = provider;
	/* 2.0 only with an ExchangeId, and then the line was told (EDM §6.3) */
	if (exchange->line_untold && provider->preferred_line != EDM_V20)
		exchange->line = provider->preferred_line;
	/* every answer names the provider, by a scheme that its line has (ERR-C004, RESP-C007) */
	if (!code_is_agent_scheme(exchange->line, provider->agent->scheme))
	{
		exchange->verdict.outcome = OUTCOME_PENDING;
		verdict_outcome(exchange, OUTCOME_UNANSWERABLE, "the provider has no scheme of this line");
	}
	return true;
}
