/*
 * sql.c
 *		try_http(): call a URL from a backend, the way the worker would, to see
 *		whether the access point can be reached and why not. The one caller that
 *		has a transaction open; it is a person who waits, and cancels.
 */
#include "postgres.h"

#include <limits.h>

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"
#include "utils/wait_event.h"

#include "compat.h"
#include "http/http.h"

#define MAX_CALLS	32

PG_FUNCTION_INFO_V1(ootspg_try_http);

static const char *
text_argument(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(argument));
}

static int
number_argument(FunctionCallInfo fcinfo, int argument, int least, int most)
{
	int			number = PG_ARGISNULL(argument) ? least - 1 : PG_GETARG_INT32(argument);

	if (number < least || number > most)
		ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("argument %d of try_http must be from %d to %d", argument + 1, least, most));
	return number;
}

static const char *
failure_word(HttpFailure failure)
{
	switch (failure)
	{
		case HTTP_ANSWERED:
			return "answered";
		case HTTP_UNRESOLVED:
			return "unresolved";
		case HTTP_UNREACHABLE:
			return "unreachable";
		case HTTP_TLS:
			return "tls";
		case HTTP_TIMEOUT:
			return "timeout";
		case HTTP_CUT:
			return "cut";
		case HTTP_TOO_LARGE:
			return "too large";
		case HTTP_NO_MEMORY:
			return "no memory";
		case HTTP_LOCAL:
			break;
	}
	return "local";
}

static void
put_result(ReturnSetInfo *rsinfo, const HttpResult *result)
{
	Datum		values[8];
	bool		nulls[8] = {false};

	values[0] = CStringGetTextDatum(failure_word(result->failure));
	values[1] = BoolGetDatum(result->may_have_arrived);
	values[2] = Int32GetDatum(result->status);
	values[3] = CStringGetTextDatum(result->content_type);
	values[4] = Int64GetDatum((int64) result->length);
	nulls[5] = result->date == 0;
	values[5] = TimestampTzGetDatum(result->date);
	values[6] = Int32GetDatum((int32) ((result->done_at - result->sent_at) / 1000));
	values[7] = CStringGetTextDatum(result->detail);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static HttpClient *
ready_client(void)
{
	static HttpClient *client = NULL;

	if (client == NULL)
		client = http_open(MAX_CALLS);
	return client;
}

Datum
ootspg_try_http(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	HttpClient *client = ready_client();
	HttpPeer	peer = {
		.url = text_argument(fcinfo, 0),
		.user = text_argument(fcinfo, 3),
		.password = text_argument(fcinfo, 4),
		.ca_file = text_argument(fcinfo, 5),
		.certificate_file = text_argument(fcinfo, 6),
		.key_file = text_argument(fcinfo, 7),
		.proxy = text_argument(fcinfo, 8),
		.connect_ms = number_argument(fcinfo, 9, 1, 3600000),
		.stall_ms = number_argument(fcinfo, 10, 1, 3600000),
		.total_ms = number_argument(fcinfo, 11, 1, 3600000),
	};
	HttpRequest request = {
		.content_type = text_argument(fcinfo, 2),
		.max_answer = number_argument(fcinfo, 12, 0, INT_MAX),
	};
	int			count = number_argument(fcinfo, 13, 1, MAX_CALLS);
	HttpCall   *calls[MAX_CALLS];
	volatile int started = 0;
	HttpCall   *call;

	if (!PG_ARGISNULL(1))
	{
		bytea	   *body = PG_GETARG_BYTEA_PP(1);

		request.body = VARDATA_ANY(body);
		request.length = VARSIZE_ANY_EXHDR(body);
	}
	InitMaterializedSRF(fcinfo, 0);

	PG_TRY();
	{
		while (started < count)
		{
			calls[started] = http_start(client, &peer, &request, NULL);
			started++;
		}
		for (int done = 0; done < count;)
		{
			CHECK_FOR_INTERRUPTS();
			if ((call = http_done(client)) == NULL)
			{
				http_wait(client, -1, PG_WAIT_EXTENSION);
				continue;
			}
			put_result(rsinfo, http_result(call));
			done++;
		}
	}
	PG_FINALLY();
	{
		for (int i = 0; i < started; i++)
			http_finish(calls[i]);
	}
	PG_END_TRY();
	return (Datum) 0;
}
