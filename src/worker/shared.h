/*
 * shared.h
 *		What workers and backends know of each other: a slot for each database, in
 *		shared memory, under one lock. Only process ids and plain values; nothing
 *		here matters after a restart, everything that does is a row.
 *
 * A slot goes through these states:
 *
 *	UNKNOWN   nobody looked yet, or something changed: the launcher starts a worker
 *	STARTING  registered, has not said a word yet
 *	RUNNING   its exchange worker works
 *	ABSENT    the worker found no extension there, or an older one, and left
 *	STOPPED   the worker ended; the launcher starts another at not_before
 */
#ifndef OOTSPG_WORKER_SHARED_H
#define OOTSPG_WORKER_SHARED_H

#include "datatype/timestamp.h"
#include "storage/lwlock.h"

#define MAX_DATABASES	128
#define MAX_ANSWERERS	64
#define MAX_GATEWAYS	16

#define START_TIMEOUT_MS	10000	/* an answering process that never came, or could not connect */

typedef enum SlotState
{
	SLOT_UNKNOWN,
	SLOT_STARTING,
	SLOT_RUNNING,
	SLOT_ABSENT,
	SLOT_OUTDATED,				/* like ABSENT: the extension waits for ALTER EXTENSION UPDATE */
	SLOT_STOPPED
} SlotState;

/* what a wake-up is about */
#define WAKE_ANSWER			0x01	/* rows to answer */
#define WAKE_SEND			0x02	/* rows to send */
#define WAKE_CONFIGURATION	0x04	/* access points, their states, the extension itself */
#define WAKE_ANSWERER_LEFT	0x08	/* what it had in hand is free */
#define WAKE_ROLES			0x10	/* who answers for whom */
#define WAKE_STAMPS			0x20	/* answers that wait for time stamps */

typedef struct AnswererSlot
{
	Oid			role;			/* InvalidOid: free */
	pid_t		pid;			/* 0: not there yet */
	bool		failed;			/* it ended before it was there: the place is a pause before the next one */
	int64		in_hand;		/* message that it answers, 0: none … */
	bool		counted;		/* … whose attempt is written down */
	TimestampTz registered_at;
} AnswererSlot;

/* A message that a process had in hand when it ended. */
typedef struct LeftMessage
{
	int64		id;
	bool		counted;
} LeftMessage;

/* What the exchange worker last saw of an access point. */
typedef struct GatewayReport
{
	NameData	access_point;	/* "" : free */
	TimestampTz last_success,
				last_error_at,
				next_attempt;	/* 0: never / none */
	int			sqlstate;		/* of the last error */
	char		cause[256];		/* of it, in our own words about our own configuration; "" */
	int			pending;		/* listed there, not yet fetched */
	int64		clock_offset;	/* µs that its clock is ahead of ours */
	bool		clock_known;
} GatewayReport;

typedef struct DatabaseSlot
{
	Oid			database;		/* InvalidOid: free */
	SlotState	state;
	pid_t		pid;			/* exchange worker, 0: none */
	pid_t		holder;			/* backend that needs the database for itself, 0: none */
	TimestampTz registered_at;
	TimestampTz not_before;		/* of the next start */
	int			failures;		/* short lives in a row */
	int			wake;			/* WAKE_ bits not yet taken */
	bool		has_lived;		/* an exchange worker began its work here since the server did */
	bool		message_in_hand;	/* … and was reading or storing one when it ended, if it ended */
	int64		inbox_last;		/* greatest number that came into the queue of the inbox */
	int64		outbox_first;	/* smallest that came into that of the outbox since the exchange worker looked */
	uint32		inbox_put_back; /* how often a number came that was not the greatest */
	uint32		configuration;	/* how often it changed */
	int			left_count;
	LeftMessage left[MAX_ANSWERERS];
	AnswererSlot answerers[MAX_ANSWERERS];
	GatewayReport gateways[MAX_GATEWAYS];
} DatabaseSlot;

typedef struct SharedState
{
	LWLock	   *lock;
	TimestampTz began_at;		/* this server, or its life after a crash */
	pid_t		launcher;
	bool		rescan;			/* the list of databases may have changed */
	DatabaseSlot slots[MAX_DATABASES];
} SharedState;

extern SharedState *shared;		/* NULL when the library was not preloaded */

extern void shared_request(void);	/* from _PG_init of the postmaster */

/* All with the lock held by the caller. */
extern DatabaseSlot *slot_find(Oid database);	/* NULL when there is none */
extern DatabaseSlot *slot_make(Oid database);	/* NULL when all are taken */
extern int	slot_answerers(const DatabaseSlot *slot, Oid role);	/* InvalidOid: of any role, without failed ones */
extern bool slot_has_processes(const DatabaseSlot *slot);	/* there, or on their way */
extern void slot_terminate(const DatabaseSlot *slot);	/* asks its processes to leave */

/* These take the lock. */
extern void wake_launcher(void);
extern void wake_database(Oid database, int bits);
extern void set_latch_of(pid_t pid);

#endif							/* OOTSPG_WORKER_SHARED_H */
