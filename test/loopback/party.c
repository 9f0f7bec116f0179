/*
 * party.c
 *		Parties and the log-in of their plugin users.
 */
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "party.h"

#define MAXIMUM_ATTEMPT 5
#define SUSPENSION_TIME (3600 * INT64_C(1000000))

/* Messages point to their party, so a party stays where it is. */
static Party **parties;
static int	count;

Party *
party_find(const char *id, const char *type)
{
	for (int i = 0; i < count; i++)
	{
		if (strcmp(parties[i]->id, id) == 0 && strcmp(parties[i]->type, type) == 0)
			return parties[i];
	}
	return NULL;
}

Party *
party_named(const char *id)
{
	for (int i = 0; i < count; i++)
	{
		if (strcmp(parties[i]->id, id) == 0)
			return parties[i];
	}
	return NULL;
}

Party *
party_of_user(const char *user)
{
	for (int i = 0; i < count; i++)
	{
		if (strcmp(parties[i]->user, user) == 0)
			return parties[i];
	}
	return NULL;
}

Party *
party_by_number(int number)
{
	return number >= 0 && number < count ? parties[number] : NULL;
}

int
party_count(void)
{
	return count;
}

/* A party that is there already gets the new user and password. */
void
party_define(const char *id, const char *type, const char *user, const char *password)
{
	Party	   *party = party_find(id, type);

	if (party == NULL)
	{
		party = allocate(sizeof(Party));
		party->number = count;
		party->id = copy_text(id);
		party->type = copy_text(type);
		parties = reallocate(parties, (count + 1) * sizeof(Party *));
		parties[count++] = party;
	}
	free(party->user);
	free(party->password);
	party->user = copy_text(user);
	party->password = copy_text(password);
	party->failures = 0;
	party->suspended_until = 0;
}

LoginResult
party_login(const char *user, const char *password, Party **party)
{
	*party = NULL;
	if (user == NULL || password == NULL)
		return LOGIN_MISSING;

	Party	   *found = party_of_user(user);

	if (found == NULL)
		return LOGIN_WRONG;
	if (found->suspended_until > now())
		return LOGIN_SUSPENDED;
	if (strcmp(found->password, password) != 0)
	{
		if (++found->failures >= MAXIMUM_ATTEMPT)
		{
			found->failures = 0;
			found->suspended_until = now() + SUSPENSION_TIME;
		}
		return LOGIN_WRONG;
	}
	found->failures = 0;
	*party = found;
	return LOGIN_OK;
}

/* Only after the messages are gone. */
void
party_forget_all(void)
{
	for (int i = 0; i < count; i++)
	{
		free(parties[i]->id);
		free(parties[i]->type);
		free(parties[i]->user);
		free(parties[i]->password);
		free(parties[i]);
	}
	free(parties);
	parties = NULL;
	count = 0;
}
