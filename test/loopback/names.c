/*
 * names.c
 *		Statuses and roles as the schema of the plugin spells them.
 */
#include <string.h>

#include "base.h"
#include "store.h"

static const char *const statuses[] = {
	[STATUS_NOT_FOUND] = "NOT_FOUND",
	[STATUS_READY_TO_SEND] = "READY_TO_SEND",
	[STATUS_READY_TO_PULL] = "READY_TO_PULL",
	[STATUS_BEING_PULLED] = "BEING_PULLED",
	[STATUS_SEND_ENQUEUED] = "SEND_ENQUEUED",
	[STATUS_SEND_IN_PROGRESS] = "SEND_IN_PROGRESS",
	[STATUS_WAITING_FOR_RECEIPT] = "WAITING_FOR_RECEIPT",
	[STATUS_ACKNOWLEDGED] = "ACKNOWLEDGED",
	[STATUS_ACKNOWLEDGED_WITH_WARNING] = "ACKNOWLEDGED_WITH_WARNING",
	[STATUS_SEND_ATTEMPT_FAILED] = "SEND_ATTEMPT_FAILED",
	[STATUS_SEND_FAILURE] = "SEND_FAILURE",
	[STATUS_WAITING_FOR_RETRY] = "WAITING_FOR_RETRY",
	[STATUS_RECEIVED] = "RECEIVED",
	[STATUS_RECEIVED_WITH_WARNINGS] = "RECEIVED_WITH_WARNINGS",
	[STATUS_DELETED] = "DELETED",
	[STATUS_DOWNLOADED] = "DOWNLOADED",
};

static const char *const roles[] = {
	[ROLE_ANY] = "ANY",
	[ROLE_SENDING] = "SENDING",
	[ROLE_RECEIVING] = "RECEIVING",
};

const char *
status_name(Status status)
{
	return statuses[status];
}

bool
status_parse(const char *name, Status *status)
{
	for (size_t i = 0; i < lengthof(statuses); i++)
	{
		if (strcmp(statuses[i], name) == 0)
		{
			*status = i;
			return true;
		}
	}
	return false;
}

const char *
role_name(Role role)
{
	return roles[role];
}

bool
role_parse(const char *name, Role *role)
{
	for (size_t i = ROLE_SENDING; i < lengthof(roles); i++)
	{
		if (strcmp(roles[i], name) == 0)
		{
			*role = i;
			return true;
		}
	}
	return false;
}
