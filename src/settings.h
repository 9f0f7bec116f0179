/*
 * settings.h
 *		The server settings (GUCs) of the extension; defined in ootspg.c.
 *		Endpoints, partners and keys are rows, not settings.
 */
#ifndef OOTSPG_SETTINGS_H
#define OOTSPG_SETTINGS_H

extern int	oots_max_message_kb;	/* bytes of one message or sealed document, in kB */
extern int	oots_max_depth;			/* nesting of elements */
extern int	oots_max_elements;		/* elements of one document */
extern int	oots_max_attributes;	/* attributes and namespace declarations of one tag */
extern int	oots_max_evidence_kb;	/* bytes of one piece of evidence, in kB */
extern int	oots_max_pieces;		/* documents in one answer, companions with them */
extern int	oots_max_candidates;	/* rows looked at while matching one subject */
extern int	oots_retention_months;	/* months the audit is kept; never below 12 (D-LOG-16) */
extern char *oots_audit_head_directory;	/* where heads of the audit are written to as well; "": nowhere */
extern int	oots_audit_head_interval_s; /* … and how often they are made; 0: never by the worker */
extern bool oots_destroy_audit;	/* the extension may be dropped with rows younger than that */
extern int	oots_key_warning_days;	/* days before a seal certificate's end that its status says so */
extern char *oots_key_directory;	/* where file: keys and certificates must lie */
extern bool oots_send_broken_documents; /* also what media_fault() finds fault with */
extern char *oots_document_fonts;	/* files of the fonts of PDF documents, separated by commas */
extern char *oots_document_bold_fonts;	/* … of what is bold in them */
extern bool oots_accept_former_seals;	/* seals in the form of before 23 February 2028 are valid */
extern bool oots_rsa_pss;			/* RSA keys seal with RSA-PSS */
extern char *oots_search_keys;	/* secrets of the audit's search keys, current first; "": none */
extern char *oots_content_keys; /* secrets of contents that wait, likewise */
extern int	oots_audit_key_lifetime;	/* seconds that a data key is used at most; 0: for one row */
extern bool oots_accept_eidas2;		/* accept person identifiers of scheme eidas2 (D-IDM-24) */
extern int	oots_unreachable_error; /* number of the error for a registry that cannot be reached: 8 or 6 */
extern bool oots_exchange;			/* workers run */
extern bool oots_receive;			/* … fetch messages */
extern bool oots_send;				/* … submit messages */
extern int	oots_answer_workers;	/* … answer with so many processes a database */
extern int	oots_stamp_timeout_ms;	/* an answer waits for time stamps no longer */
extern int	oots_answer_timeout_ms; /* … and end an attempt to answer after so long; 0: never */
extern char *oots_name_servers;	/* asked for the addresses of directories; "": the system's */
extern bool oots_discover_locally;	/* DNS may lead to this host and private networks */
extern int	oots_stray_messages;	/* of one sender in a day whose contents are kept, of those that nobody asked for */
extern int	oots_stray_kb;			/* … and their bytes, in kB */
extern char *oots_site;				/* nodes that may take over from each other */

#endif							/* OOTSPG_SETTINGS_H */
