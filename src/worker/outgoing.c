/*
 * outgoing.c
 *		What goes out takes its share of each access point's calls: what is to be submitted
 *		is taken in a transaction, questions need none.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "queue/outbox_due.h"
#include "settings.h"
#include "worker/gateways.h"
#include "worker/outgoing.h"
#include "worker/receiving.h"
#include "worker/sending.h"

bool
outgoing_due(const Gateway *gateway, TimestampTz now)
{
	return oots_send && gateway->probed && gateway->quiet_until <= now && gateway->calls < gateway->point->connections &&
		outbox_due(gateway->point->name) <= now;
}

/* Half of what is free to each side when both want to call; a single call to each in turn. */
static int
room_for_sending(Gateway *gateway, TimestampTz now)
{
	int			room = gateway->point->connections - gateway->calls;
	int			wanted;

	if (room <= 0 || !gateway->probed || gateway->quiet_until > now)
		return 0;
	wanted = receiving_wanted(gateway);
	if (wanted == 0)
		return room;
	if (room > 1)
		return Max(room / 2, room - wanted);
	gateway->sends_next = !gateway->sends_next;
	return gateway->receive_calls > 0 || gateway->sends_next;
}

void
outgoing_take(TimestampTz now)
{
	ListCell   *cell;

	foreach(cell, gateways)
	{
		Gateway    *gateway = lfirst(cell);
		int			room;

		if (oots_send && outbox_due(gateway->point->name) <= now && (room = room_for_sending(gateway, now)) > 0)
			sending_take(gateway, room);
	}
}

void
outgoing_ask(HttpClient *client, Gateway *gateway, TimestampTz now)
{
	int			room;

	if (oots_send && outbox_question_due(gateway->point->name) <= now && (room = room_for_sending(gateway, now)) > 0)
		sending_ask(client, gateway, room);
}

bool
outgoing_submits(void)
{
	ListCell   *cell;

	foreach(cell, gateways)
		if (((Gateway *) lfirst(cell))->taken != NIL)
			return true;
	return false;
}

void
outgoing_finish_drained(void)
{
	ListCell   *cell;

	foreach(cell, gateways)
	{
		const Gateway *gateway = lfirst(cell);

		if (gateway->point->state == ACCESS_POINT_DRAINING && gateway->calls == 0 && outbox_empty(gateway->point->name))
			access_point_drained(gateway->point->name);
	}
}
