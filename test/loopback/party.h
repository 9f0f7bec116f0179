/*
 * party.h
 *		The parties this access point plays, their plugin users, and what the
 *		wire towards each of them does. Guarded by the lock of the store.
 */
#ifndef LOOPBACK_PARTY_H
#define LOOPBACK_PARTY_H

#include <stdbool.h>
#include <stdint.h>

typedef enum WireMode
{
	WIRE_DELIVER,
	WIRE_HOLD,
	WIRE_FAIL,
	WIRE_LOSE_RECEIPT,
	WIRE_DUPLICATE
} WireMode;

/* What happens to messages on their way to a party. */
typedef struct WireScript
{
	WireMode	mode;
	long		delay;			/* ms until arrival, or between attempts */
	long		then;			/* ms from arrival to receipt, or to the second copy */
	long		attempts;		/* WIRE_FAIL: how many before giving up */
} WireScript;

typedef struct Party
{
	int			number;
	char	   *id;
	char	   *type;
	char	   *user;
	char	   *password;
	int			failures;		/* of its user to log in, since the last success */
	int64_t		suspended_until;
	WireScript	wire;
	struct Message *first_pending;	/* oldest first */
	struct Message *last_pending;
	long		pending;
} Party;

typedef enum LoginResult
{
	LOGIN_OK,
	LOGIN_MISSING,
	LOGIN_WRONG,
	LOGIN_SUSPENDED
} LoginResult;

extern void party_define(const char *id, const char *type, const char *user, const char *password);
extern Party *party_find(const char *id, const char *type);
extern Party *party_named(const char *id);
extern Party *party_by_number(int number);
extern Party *party_of_user(const char *user);
extern int	party_count(void);
extern LoginResult party_login(const char *user, const char *password, Party **party);
extern void party_forget_all(void);

#endif
