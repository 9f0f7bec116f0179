/*
 * call.h
 *		A call to an access point, and what this process knows of the access point. Both
 *		are lost with the process and made again from the tables.
 *
 * A call carries what it is about; what its answer means is decided in listing.c,
 * receiving.c and sending.c, and of the access point as a whole in judgement.c.
 */
#ifndef OOTSPG_WORKER_CALL_H
#define OOTSPG_WORKER_CALL_H

#include "accesspoint/gateway.h"
#include "configuration/access_point.h"
#include "exchange/outbox.h"
#include "http/http.h"
#include "utils/hsearch.h"
#include "utils/palloc.h"

#define MESSAGE_ID_BYTES 256	/* access points allow 255 */

/* Where a message stands that the access point listed. */
typedef enum ArrivalState
{
	ARRIVAL_LISTED,				/* not looked up yet */
	ARRIVAL_WANTED,				/* to be retrieved */
	ARRIVAL_UNCERTAIN,			/* a consuming retrieval had no answer: ask for the status */
	ARRIVAL_BUSY,				/* a call is under way */
	ARRIVAL_OURS,				/* committed; to be acknowledged */
	ARRIVAL_STUCK				/* dealt with, but listed all the same; or in quarantine */
} ArrivalState;

typedef struct Arrival
{
	char		message_id[MESSAGE_ID_BYTES];	/* hash key */
	ArrivalState state;
	bool		listed;			/* by the last list */
	TimestampTz listed_at;		/* when the list was asked for */
	int			attempts;
	int			settled;		/* how often it was acknowledged while it stood here */
	TimestampTz tried_at,
				settled_at;
	TimestampTz not_before;
} Arrival;

typedef struct Gateway
{
	MemoryContext context;		/* all of it */
	AccessPoint *point;
	bool		dropped;		/* configured anew or gone; its calls end by themselves */
	bool		probed;			/* else that comes before anything else */
	Plugin		plugin;			/* declared, or found out */
	int			calls,			/* under way */
				receive_calls,
				kept;			/* with those that ended and are not recorded yet */
	HTAB	   *arrivals;
	int			stuck;			/* arrivals that are */
	bool		listing;		/* a list call is under way */
	TimestampTz listed_at;		/* last list that succeeded */
	TimestampTz next_list;
	bool		list_again;		/* without waiting for next_list */
	int64		window_us;		/* ask only for what came in this time; 0: for all */
	bool		sends_next;		/* when there is room for one call only */
	TimestampTz quiet_until;	/* nothing is called before */
	int			failures;		/* in a row, of the access point as a whole */
	bool		told_failing;
	int			told_sqlstate;
	char	   *told_cause;		/* see call_cause() */
	List	   *taken;			/* Outgoing *, taken in this turn's transaction */
} Gateway;

typedef enum CallPurpose
{
	CALL_PROBE,
	CALL_LIST,
	CALL_RETRIEVE,
	CALL_ACKNOWLEDGE,
	CALL_RECOVER,				/* did the retrieval consume it? */
	CALL_SUBMIT,
	CALL_ASK,
	CALL_FOLLOW,
	CALL_ERRORS					/* why a delivery failed */
} CallPurpose;

typedef struct Call
{
	MemoryContext context;		/* request, answer, this struct */
	Gateway    *gateway;
	CallPurpose purpose;
	GatewayOperation operation;
	char		message_id[MESSAGE_ID_BYTES];	/* "" for lists */
	bool		filtered;		/* a list of recent messages only */
	TimestampTz begun_at;
	Outgoing   *message;		/* when sending; without header and parts */
	bool		ask_errors;		/* its failure is known, the reasons are not */
	bool		attempt_noted;	/* see attempt.c */
	bool		released;		/* it counts as under way no longer */
	bool		raw_kept;		/* the answer is a committed row, as it came */
	HttpCall   *http;
	GatewayAnswer *answer;		/* once it came */
	TimestampTz server_date,	/* of the answer; 0: not told */
				done_at;
} Call;

extern Call *call_new(Gateway *gateway, CallPurpose purpose, GatewayOperation operation, const char *message_id);
extern void call_start(HttpClient *client, Call *call, GatewayRequest *request);
extern void call_release(Call *call);	/* its result waits to be recorded, its place is free */
extern void call_free(Call *call);
extern bool call_failed(const Call *call);
extern TroubleClass call_trouble(const Call *call);
extern const char *call_cause(const Call *call);	/* what is wrong with our own configuration; NULL: something else is */

#endif							/* OOTSPG_WORKER_CALL_H */
