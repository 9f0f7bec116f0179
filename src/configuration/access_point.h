/*
 * access_point.h
 *		Access points as the workers see them: the row, what operators decided about
 *		it, and what was learned of its server.
 */
#ifndef OOTSPG_CONFIGURATION_ACCESS_POINT_H
#define OOTSPG_CONFIGURATION_ACCESS_POINT_H

#include "nodes/pg_list.h"

typedef enum AccessPointState
{
	ACCESS_POINT_PAUSED,
	ACCESS_POINT_RUNNING,
	ACCESS_POINT_DRAINING,		/* receives no more, paused when all is sent */
	ACCESS_POINT_STOPPED		/* by the worker */
} AccessPointState;

/* What the server's WS plugin can do (access point §5). */
typedef enum Plugin
{
	PLUGIN_UNKNOWN,
	PLUGIN_5_0,					/* retrieving consumes */
	PLUGIN_5_1,					/* two phases; a second, consuming retrieval ends the first */
	PLUGIN_5_2					/* 5.1.1 and later: two phases, marking ends them */
} Plugin;

typedef struct AccessPoint
{
	char	   *name;
	char	   *url;
	char	   *party_id,
			   *party_id_type;
	char	   *answer_role;
	char	   *user_name;		/* NULL: no Basic authentication */
	char	   *password_uri;
	char	   *ca_uri,
			   *certificate_uri,
			   *key_uri;
	char	   *proxy;
	Plugin		declared;		/* PLUGIN_UNKNOWN: probe */
	char	   *final_recipient;
	int			poll_ms,
				connections,
				connect_ms,
				stall_ms,
				call_ms;
	size_t		inline_bytes;
	int64		resubmit_ms,
				give_up_ms;
	AccessPointState state;
	int64		decided_at;		/* when its state changed; 0: it has none */
	char	   *copy;			/* confirmed copy of the database; NULL: none */
	Plugin		learned;
} AccessPoint;

/* Inside an SPI connection; AccessPoint * by name. */
extern List *access_points_read(void);
extern List *access_point_states_read(void);	/* AccessPoint with name and state only */
extern AccessPoint *access_point_copy(const AccessPoint *point);	/* in the current memory context */
/* The same row in the same state, since the same decision? What was learned of the server aside. */
extern bool access_point_same(const AccessPoint *a, const AccessPoint *b);

/*
 * What the worker learned or decided; writes the event with it. Nothing happens while
 * somebody is about to decide otherwise: then access_point_stop() is false.
 */
extern bool access_point_stop(const char *name, int sqlstate, const char *reason);
extern void access_point_drained(const char *name);
extern void access_point_learned(const char *name, Plugin plugin);
extern void access_point_taken_over(const char *name, const char *copy);

/* event: failing, working */
extern void access_point_event(const char *name, const char *event, int sqlstate, const char *detail);

extern const char *plugin_name(Plugin plugin);

#endif							/* OOTSPG_CONFIGURATION_ACCESS_POINT_H */
