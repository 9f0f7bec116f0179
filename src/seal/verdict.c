/*
 * verdict.c
 *		What the verifiers of all forms have in common. Results are named after ETSI
 *		EN 319 102-1: by the step that refused, unless the refusal says it more exactly.
 *		What is called there a policy is here: trust anchors as given, now, and of revocation
 *		what is given or comes along.
 */
#include "postgres.h"

#include <openssl/evp.h>

#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "seal/keydata.h"
#include "seal/revocation.h"
#include "seal/stamp.h"
#include "seal/trust.h"
#include "seal/verdict.h"

/* Time stamps that a seal may bring; more are not looked at. */
#define MAX_STAMPS			10

/* Likewise CRLs and OCSP responses */
#define MAX_REVOCATIONS		64

/* How far a signer's clock may be ahead of ours. */
#define CLOCK_TOLERANCE		(5 * SECS_PER_MINUTE * USECS_PER_SEC)

#define FAILED				"TOTAL-FAILED"
#define INDETERMINATE		"INDETERMINATE"

/* EN 319 102-1 §5.1.3: what a refusal at each step amounts to */
static const struct
{
	const char *step;
	const char *sub_indication;
}			results[] = {
	{STEP_ALGORITHMS, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"},
	{STEP_CERTIFICATE, "NO_SIGNING_CERTIFICATE_FOUND"},
	{STEP_SIGNATURE, "SIG_CRYPTO_FAILURE"},
	{STEP_PROPERTIES, "SIG_CONSTRAINTS_FAILURE"},
};

/* Of these the standard says that the seal is none; of all others that nobody knows. */
static const char *const failures[] = {"FORMAT_FAILURE", "HASH_FAILURE", "SIG_CRYPTO_FAILURE"};

bool
verdict_refuse_as(SealVerdict *verdict, const char *step, const char *sub_indication, const char *reason)
{
	verdict->step = step;
	verdict->reason = reason;
	verdict->sub_indication = sub_indication;
	return false;
}

bool
verdict_refuse(SealVerdict *verdict, const char *step, const char *reason)
{
	for (int i = 0; i < (int) lengthof(results); i++)
		if (strcmp(results[i].step, step) == 0)
			return verdict_refuse_as(verdict, step, results[i].sub_indication, reason);
	return verdict_refuse_as(verdict, step, "FORMAT_FAILURE", reason);
}

bool
verdict_signer(SealVerdict *verdict, const X509 *certificate, const SealSuite *suite)
{
	const EVP_PKEY *key = X509_get0_pubkey(certificate);
	const char *refusal;

	if (!X509_digest(certificate, EVP_sha256(), verdict->certificate_sha256, NULL))
		return verdict_refuse(verdict, STEP_CERTIFICATE, "the signer's certificate can't be read");
	verdict->has_certificate = true;
	verdict->certificate_subject = key_subject(certificate);
	if (key == NULL || !suite_accepts_key(suite, key))
		return verdict_refuse(verdict, STEP_CERTIFICATE, "the certificate's key does not fit the signature method, or is too short");
	refusal = trust_usage_refusal(certificate);
	return refusal == NULL || verdict_refuse_as(verdict, STEP_CERTIFICATE, "CHAIN_CONSTRAINTS_FAILURE", refusal);
}

bool
verdict_signing_time(SealVerdict *verdict, const X509 *certificate, TimestampTz time, const char *outside, const char *future)
{
	verdict->signing_time = time;
	verdict->has_signing_time = true;
	if (time < key_time(X509_get0_notBefore(certificate)) || time > key_time(X509_get0_notAfter(certificate)))
		return verdict_refuse(verdict, STEP_PROPERTIES, outside);
	return time <= GetCurrentTimestamp() + CLOCK_TOLERANCE || verdict_refuse(verdict, STEP_PROPERTIES, future);
}

int
verdict_digits(const char **p, int count)
{
	int			value = 0;

	for (; count > 0; count--, (*p)++)
	{
		if (**p < '0' || **p > '9')
			return -1;
		value = value * 10 + (**p - '0');
	}
	return value;
}

static bool
skip(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

/* Z, +hh:mm or -hh:mm as minutes east of Greenwich */
static bool
parse_zone(const char **p, int *minutes)
{
	bool		west = **p == '-';
	int			hour;
	int			minute;

	*minutes = 0;
	if (skip(p, 'Z'))
		return true;
	if (!skip(p, '+') && !skip(p, '-'))
		return false;
	hour = verdict_digits(p, 2);
	if (hour < 0 || hour > 14 || !skip(p, ':'))
		return false;
	minute = verdict_digits(p, 2);
	if (minute < 0 || minute > 59)
		return false;
	*minutes = (hour * 60 + minute) * (west ? -1 : 1);
	return true;
}

bool
verdict_parse_time(const char *text, TimestampTz *time)
{
	const char *p = text;
	int			year, month, day, hour, minute, second, zone;
	int64		seconds;

	if ((year = verdict_digits(&p, 4)) < 1970 || !skip(&p, '-') ||
		(month = verdict_digits(&p, 2)) < 1 || month > 12 || !skip(&p, '-') ||
		(day = verdict_digits(&p, 2)) < 1 || day > day_tab[isleap(year)][month - 1] || !skip(&p, 'T') ||
		(hour = verdict_digits(&p, 2)) < 0 || hour > 23 || !skip(&p, ':') ||
		(minute = verdict_digits(&p, 2)) < 0 || minute > 59 || !skip(&p, ':') ||
		(second = verdict_digits(&p, 2)) < 0 || second > 59)
		return false;
	if (skip(&p, '.'))
	{
		if (verdict_digits(&p, 1) < 0)
			return false;
		while (verdict_digits(&p, 1) >= 0)
			;
	}
	if (!parse_zone(&p, &zone) || *p != '\0')
		return false;
	seconds = (int64) (date2j(year, month, day) - POSTGRES_EPOCH_JDATE) * SECS_PER_DAY +
		hour * SECS_PER_HOUR + (minute - zone) * SECS_PER_MINUTE + second;
	*time = seconds * USECS_PER_SEC;
	return true;
}

void
verdict_note_stamp(SealVerdict *verdict, const uint8 *token, size_t length, const char *octets, size_t octets_length)
{
	SealStamp  *stamp;

	if (list_length(verdict->stamps) == MAX_STAMPS)
		return;
	stamp = palloc(sizeof(SealStamp));
	*stamp = (SealStamp) {token, length, octets, octets_length};
	verdict->stamps = lappend(verdict->stamps, stamp);
}

void
verdict_note_revocation(SealVerdict *verdict, bool is_crl, const uint8 *octets, size_t length)
{
	SealRevocation *value;

	if (octets == NULL || list_length(verdict->revocations) == MAX_REVOCATIONS)
		return;
	value = palloc(sizeof(SealRevocation));
	*value = (SealRevocation) {is_crl, octets, length};
	verdict->revocations = lappend(verdict->revocations, value);
}

/*
 * Does the time fit what the seal says? Nobody seals after the stamp upon the seal, and no certificate that is not yet
 * valid does (EN 319 102-1 §5.6.2.4).
 */
static const char *
time_refusal(const SealVerdict *verdict, const X509 *signer, TimestampTz time)
{
	if (time < key_time(X509_get0_notBefore(signer)) || time > key_time(X509_get0_notAfter(signer)))
		return "the time stamp is outside of the certificate's validity";
	if (verdict->has_signing_time && time + CLOCK_TOLERANCE < verdict->signing_time)
		return "the time stamp is older than the time of signing";
	return time <= GetCurrentTimestamp() + CLOCK_TOLERANCE ? NULL : "the time stamp is in the future";
}

/*
 * Anybody can add a stamp to a seal of others, so one that does not hold takes nothing away from the seal: it is told, and the
 * level is what it would be without it. One that is trusted counts more than one that came before it.
 */
static void
judge_stamps(SealVerdict *verdict, const X509 *signer, STACK_OF(X509) *anchors)
{
	ListCell   *cell;

	verdict->level = "B";
	foreach(cell, verdict->stamps)
	{
		const SealStamp *given = lfirst(cell);
		StampVerdict stamp = stamp_judge(given->token, given->token ? given->length : 0, given->octets, given->octets_length, anchors);
		bool		holds = stamp.reason == NULL;
		bool		trusted;

		if (holds && (stamp.reason = time_refusal(verdict, signer, stamp.time)) != NULL)
			holds = false;
		trusted = holds && strcmp(stamp.state, "valid") == 0;
		if (verdict->stamp == NULL || (holds && verdict->stamped_at == 0) || trusted)
			verdict->stamp = holds ? stamp.state : stamp.reason;
		if (!holds || (verdict->stamped_at != 0 && !trusted))
			continue;
		verdict->stamped_at = stamp.time;
		verdict->level = strcmp(stamp.state, "untrusted") == 0 ? "B" : "T";
		if (trusted)
			return;
	}
}

/* Why a sound seal is not more than that: nothing leads to an anchor, or did only once. */
static const char *
chain_result(const SealVerdict *verdict, const X509 *signer)
{
	if (strcmp(verdict->chain, "untrusted") == 0 && key_time(X509_get0_notAfter(signer)) < GetCurrentTimestamp())
		return "OUT_OF_BOUNDS_NO_POE";
	return "NO_CERTIFICATE_CHAIN_FOUND";
}

void
verdict_conclude(SealVerdict *verdict, X509 *signer, STACK_OF(X509) *others, STACK_OF(X509) *anchors, STACK_OF(X509_CRL) *crls)
{
	if (verdict->valid)
		judge_stamps(verdict, signer, anchors);
	if (verdict->valid && anchors != NULL)
		verdict->chain = trust_chain(signer, others, anchors);
	if (!verdict->valid)
		verdict->signed_content = NULL;
	else if (strcmp(verdict->chain, "valid") == 0)
	{
		verdict->sub_indication = revocation_judge(verdict, signer, others, anchors, crls);
		if (verdict->sub_indication == NULL)
		{
			verdict->indication = "TOTAL-PASSED";
			return;
		}
	}
	else
		verdict->sub_indication = chain_result(verdict, signer);
	verdict->indication = INDETERMINATE;
	for (int i = 0; i < (int) lengthof(failures); i++)
		if (verdict->sub_indication != NULL && strcmp(failures[i], verdict->sub_indication) == 0)
			verdict->indication = FAILED;
}
