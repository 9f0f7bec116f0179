/*
 * trouble.c
 *		The table of trouble.h.
 *
 * permanent is said of a message only: what concerns the whole access point is
 * tried again at long intervals, because an operator, or a servlet container that
 * has finished starting, may have mended it. Scope is kept to one message wherever
 * one message alone can be the cause: a payload whose file is missing breaks the
 * answer at the same byte each time (access point §1.5), and must not stop others.
 */
#include "postgres.h"

#include "accesspoint/trouble.h"
#include "errors.h"

static const Trouble troubles[] = {
	{TROUBLE_NONE, "none", 0, SCOPE_NONE, false,
	"nothing is wrong", NULL},
	{TROUBLE_UNRESOLVED, "host unknown", ERRCODE_OOTS_UNRESOLVED, SCOPE_ACCESS_POINT, false,
		"the host name of the access point has no address",
	"Check the host name in the access point's URL, and the name service of the database server."},
	{TROUBLE_UNREACHABLE, "unreachable", ERRCODE_OOTS_UNREACHABLE, SCOPE_ACCESS_POINT, false,
		"no connection to the access point could be made",
	"Check that the access point runs, and that firewalls let the database server reach its port."},
	{TROUBLE_TLS, "TLS refused", ERRCODE_OOTS_TLS, SCOPE_ACCESS_POINT, false,
		"no trusted TLS connection to the access point could be made",
	"Check the access point's certificate, the file of trusted certificates and the client certificate."},
	{TROUBLE_TIMEOUT, "timeout", ERRCODE_OOTS_TIMEOUT, SCOPE_MESSAGE, false,
		"the access point did not answer in time",
	"Check the load of the access point; large messages may need longer timeouts."},
	{TROUBLE_CUT, "connection lost", ERRCODE_OOTS_CUT, SCOPE_MESSAGE, false,
		"the connection to the access point broke off before the answer was whole",
	"See the access point's log; when it is always the same message, its payload may be missing there."},
	{TROUBLE_ANSWER_TOO_LARGE, "answer too large", ERRCODE_OOTS_ANSWER_TOO_LARGE, SCOPE_MESSAGE, true,
		"the access point's answer is larger than is read",
	"Raise ootspg.max_message_size if messages of that size are to be read."},
	{TROUBLE_UNREADABLE, "answer unreadable", ERRCODE_OOTS_ANSWER_UNREADABLE, SCOPE_MESSAGE, false,
		"the access point's answer cannot be read",
	"See the access point's log; something between may also have changed the answer."},
	{TROUBLE_CONTENT_LOST, "content lost", ERRCODE_OOTS_CONTENT_LOST, SCOPE_MESSAGE, true,
		"the access point's answer lacks content that it announces, or is about another message",
	"See the access point's log; its retention settings or a missing file may have taken the payload."},
	{TROUBLE_LOGIN, "login refused", ERRCODE_OOTS_LOGIN, SCOPE_STOP, true,
		"the access point refused the login",
	"Check the plugin user, its password's expiry and its role before going on: repeated failures lock the account."},
	{TROUBLE_NOT_UNDERSTOOD, "request not understood", ERRCODE_OOTS_NOT_UNDERSTOOD, SCOPE_MESSAGE, true,
		"the access point did not understand the request",
	"Check that the access point's version is the configured one."},
	{TROUBLE_WRONG_ADDRESS, "wrong address", ERRCODE_OOTS_WRONG_ADDRESS, SCOPE_ACCESS_POINT, false,
		"there is no WS plugin at the access point's address",
	"Check the path of the URL: Domibus has /domibus/services/wsplugin, Harmony /services/wsplugin."},
	{TROUBLE_UNAVAILABLE, "unavailable", ERRCODE_OOTS_UNAVAILABLE, SCOPE_ACCESS_POINT, false,
		"the access point does not serve for the time being",
	"Check that the access point runs, and that its WS plugin is enabled."},
	{TROUBLE_SERVER, "server fault", ERRCODE_OOTS_SERVER_FAULT, SCOPE_MESSAGE, false,
		"the access point failed inside",
	"See the access point's log."},
	{TROUBLE_MESSAGE_UNKNOWN, "message unknown", ERRCODE_OOTS_MESSAGE_UNKNOWN, SCOPE_MESSAGE, true,
		"the access point has no such message, or it was already downloaded",
	"If it is listed all the same, let the WS plugin be told of deleted messages (wsplugin.messages.notifications)."},
	{TROUBLE_ALREADY_DOWNLOADED, "already downloaded", ERRCODE_OOTS_ALREADY_DOWNLOADED, SCOPE_MESSAGE, true,
		"the message was already downloaded from the access point",
	"Make sure that no other application uses the same plugin user."},
	{TROUBLE_BUSY, "message busy", ERRCODE_OOTS_MESSAGE_BUSY, SCOPE_MESSAGE, false,
		"the message is being downloaded by somebody else",
	"Make sure that no other application uses the same plugin user."},
	{TROUBLE_DUPLICATE, "duplicate", ERRCODE_OOTS_DUPLICATE_MESSAGE, SCOPE_MESSAGE, true,
	"the access point already has a message with this identifier", NULL},
	{TROUBLE_REJECTED, "message rejected", ERRCODE_OOTS_MESSAGE_REJECTED, SCOPE_MESSAGE, true,
		"the access point does not take the message",
	"Check parties, service, actions and profiles in the access point's PMode."},
	{TROUBLE_MESSAGE_TOO_LARGE, "message too large", ERRCODE_OOTS_MESSAGE_TOO_LARGE, SCOPE_MESSAGE, true,
		"the message is too large for the access point",
	"Check the payload profiles of the PMode and the limits of proxies before the access point."},
	{TROUBLE_LOCAL, "not called", ERRCODE_OOTS_CONNECTION, SCOPE_ACCESS_POINT, false,
		"the access point could not be called with this configuration",
	"Check the URL, and that the server can read the files of password and certificates."},
	{TROUBLE_NO_MEMORY, "no memory", ERRCODE_OOTS_NO_MEMORY, SCOPE_MESSAGE, false,
		"there was no memory for the access point's answer",
	"Give the server more memory, or lower ootspg.max_message_size; ootspg.release() fetches a message anew that is in quarantine for it."},
};

StaticAssertDecl(lengthof(troubles) == TROUBLE_NO_MEMORY + 1, "every class of trouble has its row");

const Trouble *
trouble_of(TroubleClass class)
{
	Assert(troubles[class].class == class);
	return &troubles[class];
}
