/*
 * ootspg.c
 *		Load the module: settings, and workers when it is preloaded. SQL functions
 *		work without shared_preload_libraries; keys and libraries are initialised
 *		lazily by the rooms that need them.
 */
#include "postgres.h"

#include <limits.h>

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "audit/counters.h"
#include "compat.h"
#include "configuration/added_code.h"
#include "dns/name_servers.h"
#include "message/prepare.h"
#include "seal/keyring.h"
#include "seal/prepare.h"
#include "settings.h"
#include "worker/hooks.h"
#include "worker/shared.h"
#include "worker/worker.h"

PG_MODULE_MAGIC;

int			oots_max_message_kb = 10240;
int			oots_max_depth = 100;
int			oots_max_elements = 100000;
int			oots_max_attributes = 128;
int			oots_max_evidence_kb = 51200;
int			oots_max_pieces = 27;
int			oots_max_candidates = 1000;
int			oots_retention_months = 12;
bool		oots_destroy_audit = false;
char	   *oots_audit_head_directory = NULL;
int			oots_audit_head_interval_s = 600;
int			oots_key_warning_days = 60;
char	   *oots_key_directory = NULL;
char	   *oots_document_fonts = NULL;
char	   *oots_document_bold_fonts = NULL;
bool		oots_accept_former_seals = true;
bool		oots_rsa_pss = false;
bool		oots_send_broken_documents = false;
char	   *oots_search_keys = NULL;
char	   *oots_content_keys = NULL;
int			oots_audit_key_lifetime = 3600;
bool		oots_accept_eidas2 = false;
int			oots_unreachable_error = 8;
bool		oots_exchange = true;
bool		oots_receive = true;
bool		oots_send = true;
int			oots_answer_workers = 2;
int			oots_answer_timeout_ms = 240000;
int			oots_stamp_timeout_ms = 60000;
char	   *oots_name_servers = NULL;
bool		oots_discover_locally = false;
int			oots_stray_messages = 100;
int			oots_stray_kb = 10240;
char	   *oots_site = NULL;

void		_PG_init(void);

PG_FUNCTION_INFO_V1(ootspg_library_version);

/* The version of the loaded library, to be compared with the installed extension's. */
Datum
ootspg_library_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(OOTSPG_VERSION));
}

static const struct config_enum_entry unreachable_errors[] = {
	{"EDM:ERR:0008", 8, false}, {"EDM:ERR:0006", 6, false}, {NULL, 0, false}
};

static void
define_limit(const char *name, const char *what, int *value, int least, int most, int flags)
{
	DefineCustomIntVariable(name, what, NULL, value, *value, least, most,
							PGC_SUSET, flags, NULL, NULL, NULL);
}

/* What the workers heed; in a server that did not preload the library they are words only. */
static void
define_worker_settings(void)
{
	DefineCustomBoolVariable("ootspg.exchange", "Run the workers that talk to access points.",
							 "Off: they leave every database; nothing is received, answered by workers or sent.",
							 &oots_exchange, true, PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("ootspg.receive", "Fetch messages from access points.",
							 NULL, &oots_receive, true, PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("ootspg.send", "Submit messages to access points.",
							 NULL, &oots_send, true, PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("ootspg.answer_workers", "Most processes in one database that answer requests at the same time.",
							NULL, &oots_answer_workers, 2, 1, MAX_ANSWERERS, PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("ootspg.answer_timeout", "Time after which a worker ends an attempt to answer.",
							"The next attempt finds T1 over, or asks the registry again. 0: never.",
							&oots_answer_timeout_ms, 240000, 0, INT_MAX, PGC_SIGHUP, GUC_UNIT_MS, NULL, NULL, NULL);
	DefineCustomIntVariable("ootspg.stamp_timeout", "Longest time that an answer waits for time stamps upon its seals.",
							"Never longer than half of what is left of T1.",
							&oots_stamp_timeout_ms, 60000, 1, 3600000, PGC_SIGHUP, GUC_UNIT_MS, NULL, NULL, NULL);
	DefineCustomStringVariable("ootspg.name_servers", "Name servers that are asked where directories are, as address[:port], separated by commas.",
							   "Empty: those of the operating system. DNSSEC is recommended: name a resolver that validates.",
							   &oots_name_servers, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, name_servers_check, NULL, NULL);
	DefineCustomBoolVariable("ootspg.discover_locally", "Let DNS lead to directories on this host and in private networks (testing only).",
							 "Off: only https to public addresses.",
							 &oots_discover_locally, false, PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("ootspg.stray_messages", "Messages that nobody asked one sender for, of which contents are kept, in a day.",
							"What comes beyond is recorded and dismissed at once.",
							&oots_stray_messages, 100, 0, INT_MAX, PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("ootspg.stray_size", "Bytes of contents of such messages that are kept, of one sender, in a day.",
							NULL, &oots_stray_kb, 10240, 0, INT_MAX, PGC_SIGHUP, GUC_UNIT_KB, NULL, NULL, NULL);
	DefineCustomStringVariable("ootspg.site", "Name of the installation; nodes that may take over from each other carry the same one.",
							   "Empty: a promoted standby waits for ootspg.resume().",
							   &oots_site, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
}

/*
 * A server runs for other ends than to serve, too. pg_upgrade starts both clusters and must
 * be alone in them: it has read the old one's counters already, and what anybody wrote after
 * that would be written over in the new one. In single-user mode (repairs, pg_rewind's
 * recovery, initdb) there is no process but one. In recovery the launcher is not started.
 */
static bool
workers_have_business(void)
{
	return process_shared_preload_libraries_in_progress && IsPostmasterEnvironment && !IsBinaryUpgrade;
}

static bool
check_keyring(char **value, void **extra, GucSource source)
{
	if (keyring_well_formed(*value))
		return true;
	GUC_check_errdetail("It is a list of ID=file:NAME with commas, of ids of letters, digits, dots, hyphens and underscores.");
	return false;
}

void
_PG_init(void)
{
	define_limit("ootspg.max_message_size", "Largest message or document that is parsed.",
				 &oots_max_message_kb, 16, 1024 * 1024, GUC_UNIT_KB);
	define_limit("ootspg.max_depth", "Deepest nesting of elements that is parsed.",
				 &oots_max_depth, 16, 250, 0);
	define_limit("ootspg.max_elements", "Most elements in one document that is parsed.",
				 &oots_max_elements, 100, 10000000, 0);
	define_limit("ootspg.max_attributes", "Most attributes and namespace declarations in one tag.",
				 &oots_max_attributes, 16, 1000, 0);
	define_limit("ootspg.max_evidence_size", "Largest piece of evidence that is built.",
				 &oots_max_evidence_kb, 16, 1024 * 1024, GUC_UNIT_KB);
	define_limit("ootspg.max_pieces", "Most documents in one answer.",
				 &oots_max_pieces, 1, 10000, 0);
	define_limit("ootspg.max_candidates", "Most registry rows looked at while matching one subject.",
				 &oots_max_candidates, 2, 1000000, 0);

	DefineCustomIntVariable("ootspg.retention", "Months that audit rows are kept at least.",
							"Implementing Regulation (EU) 2022/1463 art. 17(4) asks for 12 months; a lower value is refused.",
							&oots_retention_months, 12, 12, 1200, PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("ootspg.destroy_audit", "Let DROP EXTENSION destroy an audit that is younger than its retention.",
							 NULL, &oots_destroy_audit, false, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("ootspg.audit_head_interval", "Time between two heads of the audit that the exchange worker makes.",
							"0: it makes none; ootspg.make_audit_heads() does.",
							&oots_audit_head_interval_s, 600, 0, 86400, PGC_SIGHUP, GUC_UNIT_S, NULL, NULL, NULL);
	DefineCustomStringVariable("ootspg.audit_head_directory", "Directory that heads of the audit, their seals and time stamps are written to.",
							   "Empty: they stand in ootspg.audit_head and in the server's log only. Whoever keeps copies elsewhere sees what is changed here.",
							   &oots_audit_head_directory, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
	DefineCustomIntVariable("ootspg.key_warning", "Days before the end of a seal certificate that its status warns.",
							NULL, &oots_key_warning_days, 60, 0, 3650, PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("ootspg.key_directory", "Directory that seal keys and certificates given as file: URIs must lie in.",
							   NULL, &oots_key_directory, "/etc/ootspg/keys",
							   PGC_SIGHUP, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
	DefineCustomStringVariable("ootspg.document_fonts", "Files of the fonts that PDF documents are written in, separated by commas.",
							   "A later one has the characters that those before it lack.",
							   &oots_document_fonts, "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
							   PGC_SUSET, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
	DefineCustomStringVariable("ootspg.document_bold_fonts", "Files of the fonts that titles of PDF documents are written in, separated by commas.",
							   NULL, &oots_document_bold_fonts, "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",
							   PGC_SUSET, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
	DefineCustomBoolVariable("ootspg.accept_former_seals", "Accept seals with SigningCertificate that say they were made before 23 February 2028.",
							 "Implementing Regulation (EU) 2026/248 art. 3(2) asks for it.",
							 &oots_accept_former_seals, true, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("ootspg.send_broken_documents", "Let PDFs and pictures leave that readers abroad may refuse to open, or that do something by themselves.",
							 "Off, evidence with such a document gets EDM:ERR:0008; ootspg.rehearse() finds it beforehand.",
							 &oots_send_broken_documents, false, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("ootspg.rsa_pss", "Seal with RSA-PSS where the key is of RSA.",
							 "ETSI TS 119 312 ends the padding of PKCS#1 v1.5, which all verifiers know.",
							 &oots_rsa_pss, false, PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("ootspg.search_keys", "Secret keys of the audit's search keys, the current one first.",
							   "A list like 2026=file:2026.key, 2025=file:2025.key; files lie in the directory search below ootspg.key_directory.",
							   &oots_search_keys, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, check_keyring, NULL, NULL);
	DefineCustomStringVariable("ootspg.content_keys", "Secret keys of contents that wait to be answered or delivered, the current one first.",
							   "A list like 2026=file:2026.key, 2025=file:2025.key; files lie in the directory content below ootspg.key_directory. Empty: contents are not encrypted.",
							   &oots_content_keys, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, check_keyring, NULL, NULL);
	DefineCustomIntVariable("ootspg.audit_key_lifetime", "Longest time that one key closes values.",
							"0: every row has its own.",
							&oots_audit_key_lifetime, 3600, 0, 3600, PGC_SIGHUP, GUC_UNIT_S, NULL, NULL, NULL);
	DefineCustomBoolVariable("ootspg.accept_eidas2", "Accept person identifiers of scheme eidas2 (testing only).",
							 NULL, &oots_accept_eidas2, false, PGC_SUSET, 0, NULL, NULL, NULL);

	DefineCustomEnumVariable("ootspg.unreachable_registry", "Error that answers while a registry cannot be reached.",
							 "Time limits are answered by EDM:ERR:0005, other failures by EDM:ERR:0008.",
							 &oots_unreachable_error, 8, unreachable_errors, PGC_SUSET, 0, NULL, NULL, NULL);

	if (process_shared_preload_libraries_in_progress)
	{
		message_prepare();
		seal_prepare();
	}
	code_added = added_code;
	define_worker_settings();
	MarkGUCPrefixReserved("ootspg");
	if (workers_have_business())
	{
		shared_request();
		counters_request();
		hooks_install();
		launcher_register();
	}
}
