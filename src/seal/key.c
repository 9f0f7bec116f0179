/*
 * key.c
 *		Seal keys of this backend: loaded at first use, checked before they may
 *		seal anything, kept ready to sign, and loaded anew when their URIs or
 *		files have changed (rotation without restart, D-SEC-08). A key that
 *		fails a check is dropped: what was valid once is never used in its place.
 */
#include "postgres.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "errors.h"
#include "mb/pg_wchar.h"
#include "seal/keydata.h"
#include "seal/trust.h"
#include "settings.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* Files are looked at again at most this often; a look costs as much as a seal. */
#define CHECK_EVERY_MS	1000

static SealKey *keys = NULL;

const char *
key_library_reason(void)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return reason;
}

void
key_raise_failure(const SealKey *key, const char *what)
{
	const char *library = key_library_reason();

	ereport(ERROR,
			(errcode(ERRCODE_OOTS_KEY),
			 errmsg("seal key \"%s\" could not make a seal: %s failed", key->name, what),
			 library ? errdetail_log("OpenSSL says: %s.", library) : 0));
}

/*
 * what is "key" or "certificate". Only the last segment of a file's path is shown: the
 * rest of it, and a token's attributes, are nobody's business who only calls.
 */
static void
refuse(const SealKey *key, const char *what, const char *refusal, const char *hint)
{
	const char *uri = strcmp(what, "key") == 0 ? key->key_uri : key->certificate_uri;
	const char *library = key_library_reason();
	const char *file = "";
	int			length = 0;

	if (pg_strncasecmp(uri, "file:", 5) == 0)
	{
		length = (int) strcspn(uri, "?");
		for (file = uri + length; file[-1] != '/' && file[-1] != ':'; file--)
			;
		length -= (int) (file - uri);
	}
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_KEY),
			 errmsg("%s of seal key \"%s\" cannot be used: %s", what, key->name, refusal),
			 length > 0 ? errdetail("The file is \"%.*s\".", length, file) : 0,
			 library && length > 0 ? errdetail_log("The file is \"%.*s\"; OpenSSL says: %s.", length, file, library) :
			 library ? errdetail_log("OpenSSL says: %s.", library) : 0,
			 hint ? errhint("%s", hint) : 0));
}

TimestampTz
key_time(const ASN1_TIME *time)
{
	ASN1_TIME  *epoch = ASN1_TIME_set(NULL, 0);
	int			days = 0;
	int			seconds = 0;
	bool		known = epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, time);

	ASN1_TIME_free(epoch);
	if (!known)
		return 0;
	days -= POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE;
	return ((int64) days * SECS_PER_DAY + seconds) * USECS_PER_SEC;
}

uint8 *
key_certificate_der(const SealKey *key, int i, int *length)
{
	X509	   *certificate = sk_X509_value(key->certificates, i);
	uint8	   *der;
	uint8	   *p;

	if (i > 0 && (X509_get_extension_flags(certificate) & EXFLAG_SS))
		return NULL;
	*length = i2d_X509(certificate, NULL);
	if (*length <= 0)
		key_raise_failure(key, "encoding a certificate");
	p = der = palloc(*length);
	i2d_X509(certificate, &p);
	return der;
}

/* Refuse outside of the certificate's validity; at each use, it costs nothing. */
static void
check_validity(const SealKey *key, TimestampTz now)
{
	if (now < key->not_before)
		refuse(key, "certificate", "it is not valid yet", NULL);
	if (now > key->not_after)
		refuse(key, "certificate", "it has expired",
			   "Put the new key and certificate into place; they are picked up without a restart.");
}

/* What SEAL §5 asks of the seal certificate and its chain. */
static void
check_certificates(SealKey *key)
{
	X509	   *certificate = sk_X509_value(key->certificates, 0);
	const char *refusal = trust_usage_refusal(certificate);
	unsigned int length = 0;

	if (X509_check_ca(certificate) != 0)
		refuse(key, "certificate", "it is the certificate of an authority",
			   "The seal certificate must come first, and must not be able to issue others.");
	if (refusal != NULL)
		refuse(key, "certificate", refusal,
			   "A seal needs a certificate for seals: key usage digitalSignature or nonRepudiation, and no purpose (extendedKeyUsage) but those of signing documents.");

	key->suite = suite_for_key(X509_get0_pubkey(certificate), oots_rsa_pss);
	if (key->suite == NULL)
		refuse(key, "certificate", "its algorithm or size is not allowed for new seals",
			   "Use an EC key on P-256, P-384 or a curve of Brainpool, or an RSA key of at least 3072 bits (D-SIG-12).");
	key->not_before = key_time(X509_get0_notBefore(certificate));
	key->not_after = key_time(X509_get0_notAfter(certificate));
	check_validity(key, GetCurrentTimestamp());

	for (int i = 1; i < sk_X509_num(key->certificates); i++)
		if (X509_check_issued(sk_X509_value(key->certificates, i),
							  sk_X509_value(key->certificates, i - 1)) != X509_V_OK)
			refuse(key, "certificate", "a certificate after it is not its issuer's",
				   "The file must have the seal certificate first, then intermediates, each the issuer of the one before.");

	if (!X509_digest(certificate, EVP_sha256(), key->certificate_sha256, &length))
		refuse(key, "certificate", "its digest can't be computed", NULL);
}

/*
 * Make ready to sign, and prove by a signature over nothing in particular that the
 * pair belongs together. This works for keys that never leave a token, too.
 */
static void
check_pair(SealKey *key)
{
	EVP_PKEY   *public_key = X509_get0_pubkey(sk_X509_value(key->certificates, 0));
	uint8		digest[EVP_MAX_MD_SIZE] = {0};
	uint8		signature[KEY_MAX_SIGNATURE];
	size_t		length = sizeof(signature);
	size_t		digest_length;
	EVP_PKEY_CTX *verifier;
	bool		fits;

	key->digest = EVP_MD_fetch(NULL, key->suite->digest, NULL);
	key->signer = EVP_PKEY_CTX_new_from_pkey(key->library, key->private_key, NULL);
	if (key->digest == NULL || key->signer == NULL ||
		EVP_PKEY_get_size(key->private_key) > (int) sizeof(signature) ||
		EVP_PKEY_sign_init(key->signer) <= 0 || !suite_prepare(key->suite, key->signer, key->digest))
		refuse(key, "key", "it can't make signatures of the certificate's kind", NULL);
	digest_length = EVP_MD_get_size(key->digest);
	if (EVP_PKEY_sign(key->signer, signature, &length, digest, digest_length) <= 0)
		refuse(key, "key", "it can't make signatures of the certificate's kind", NULL);

	verifier = EVP_PKEY_CTX_new_from_pkey(NULL, public_key, NULL);
	fits = verifier != NULL && EVP_PKEY_verify_init(verifier) > 0 &&
		suite_prepare(key->suite, verifier, key->digest) &&
		EVP_PKEY_verify(verifier, signature, length, digest, digest_length) == 1;
	EVP_PKEY_CTX_free(verifier);
	if (!fits)
		refuse(key, "key", "it does not belong to the certificate",
			   "Key and certificate may stand in one PEM file, which can be replaced at once.");
	key->ec_octets = EVP_PKEY_is_a(public_key, "EC") ? suite_ec_octets(public_key) : 0;
}

/* Free all that was loaded; fit for any stage of loading. */
static void
discard(SealKey *key)
{
	SealKey		empty = {.next = key->next,.name = key->name};

	EVP_PKEY_CTX_free(key->signer);
	EVP_MD_free(key->digest);
	EVP_PKEY_free(key->private_key);
	sk_X509_pop_free(key->certificates, X509_free);
	if (key->context != NULL)
		MemoryContextDelete(key->context);
	*key = empty;
}

static void
load(SealKey *key, const char *place, const char *key_uri, const char *certificate_uri)
{
	const char *hint = NULL;
	const char *refusal;

	discard(key);
	ERR_clear_error();
	PG_TRY();
	{
		key->context = AllocSetContextCreate(TopMemoryContext, "ootspg seal key", ALLOCSET_SMALL_SIZES);
		key->place = MemoryContextStrdup(key->context, place);
		key->key_uri = MemoryContextStrdup(key->context, key_uri);
		key->certificate_uri = MemoryContextStrdup(key->context, certificate_uri);
		key->pss = oots_rsa_pss;
		key->directory = MemoryContextStrdup(key->context, oots_key_directory ? oots_key_directory : "");

		refusal = key_load_certificates(key, &hint);
		if (refusal != NULL)
			refuse(key, "certificate", refusal, hint);
		check_certificates(key);
		hint = NULL;
		refusal = key_load_private(key, &hint);
		if (refusal != NULL)
			refuse(key, "key", refusal, hint);
		check_pair(key);
	}
	PG_CATCH();
	{
		discard(key);
		PG_RE_THROW();
	}
	PG_END_TRY();
	ERR_clear_error();
	key->loaded = true;
}

static SealKey *
find_or_add(const char *name)
{
	SealKey    *key;

	for (key = keys; key != NULL; key = key->next)
		if (strcmp(key->name, name) == 0)
			return key;
	key = MemoryContextAllocZero(TopMemoryContext, sizeof(SealKey));
	key->name = MemoryContextStrdup(TopMemoryContext, name);
	key->next = keys;
	keys = key;
	return key;
}

SealKey *
seal_key_get(const char *name, const char *provider, const char *key_uri, const char *certificate_uri)
{
	SealKey    *key = find_or_add(name);
	const char *place = provider ? psprintf(PLACE_OF_SEALS "%s", provider) : "";
	TimestampTz now = GetCurrentTimestamp();

	if (!key->loaded || key->pss != oots_rsa_pss || strcmp(key->place, place) != 0 || strcmp(key->key_uri, key_uri) != 0 ||
		strcmp(key->certificate_uri, certificate_uri) != 0)
	{
		load(key, place, key_uri, certificate_uri);
		key->checked_at = now;
	}
	/* a clock set back must not put the look off */
	else if (now < key->checked_at ||
			 TimestampDifferenceExceeds(key->checked_at, now, CHECK_EVERY_MS))
	{
		if (!key_files_unchanged(key))
			load(key, place, key_uri, certificate_uri);
		key->checked_at = now;
	}
	check_validity(key, now);
	return key;
}

/*
 * Take one INTEGER of a DER signature and write it at the full length of the order:
 * forgetting that padding spoils one seal in 128 (SEAL §2).
 */
static bool
pad_integer(const uint8 **p, const uint8 *end, uint8 *out, int octets)
{
	const uint8 *number = *p + 2;
	int			length;

	if (end - *p < 2 || (*p)[0] != 0x02 || (*p)[1] > 0x7F || end - number < (*p)[1])
		return false;
	length = (*p)[1];
	*p = number + length;
	if (length > 0 && number[0] == 0)
	{
		number++;				/* keeps a number with its top bit set positive */
		length--;
	}
	if (length > octets)
		return false;
	memset(out, 0, octets - length);
	memcpy(out + octets - length, number, length);
	return true;
}

/*
 * SEQUENCE { r, s } to r || s. By hand: OpenSSL's own way through numbers on the heap
 * costs more than the digest of the signed properties.
 */
static bool
join_numbers(const uint8 *der, size_t length, uint8 *out, int octets)
{
	const uint8 *p = der + 2;
	const uint8 *end = der + length;

	/* all numbers of our curves leave the lengths in their short form */
	return length >= 2 && der[0] == 0x30 && der[1] == length - 2 &&
		pad_integer(&p, end, out, octets) &&
		pad_integer(&p, end, out + octets, octets) && p == end;
}

size_t
key_sign_der(SealKey *key, const uint8 *digest, size_t digest_length, uint8 *out)
{
	size_t		length = KEY_MAX_SIGNATURE;

	ERR_clear_error();
	return EVP_PKEY_sign(key->signer, out, &length, digest, digest_length) > 0 ? length : 0;
}

size_t
key_sign(SealKey *key, const uint8 *digest, size_t digest_length, uint8 *out)
{
	uint8		der[KEY_MAX_SIGNATURE];
	bool		ec = key->ec_octets > 0;
	size_t		length = key_sign_der(key, digest, digest_length, ec ? der : out);

	if (!ec || length == 0)
		return length;
	return join_numbers(der, length, out, key->ec_octets) ? 2 * (size_t) key->ec_octets : 0;
}

/* The subject as UTF-8, or with everything beyond ASCII escaped; NULL when it fails. */
static char *
print_subject(const X509 *certificate, unsigned long flags)
{
	BIO		   *bio = BIO_new(BIO_s_mem());
	char	   *copy = NULL;
	char	   *text;
	long		length;

	if (bio != NULL &&
		X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0, flags) >= 0 &&
		(length = BIO_get_mem_data(bio, &text)) >= 0 &&
		(copy = palloc_extended(length + 1, MCXT_ALLOC_NO_OOM)) != NULL)
	{
		memcpy(copy, text, length);
		copy[length] = '\0';
	}
	BIO_free(bio);
	return copy;
}

char *
key_subject(const X509 *certificate)
{
	char	   *subject = NULL;

	if (GetDatabaseEncoding() == PG_UTF8)
		subject = print_subject(certificate, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
	/* a strange certificate may claim UTF-8 that is none */
	if (subject == NULL || !pg_verify_mbstr(PG_UTF8, subject, strlen(subject), true))
		subject = print_subject(certificate, XN_FLAG_RFC2253);
	ERR_clear_error();
	return subject ? subject : pstrdup("");
}

const char *
seal_key_name(const SealKey *key)
{
	return key->name;
}

const char *
seal_key_algorithm(const SealKey *key)
{
	return key->suite->name;
}

const uint8 *
seal_key_certificate_sha256(const SealKey *key)
{
	return key->certificate_sha256;
}

TimestampTz
seal_key_not_after(const SealKey *key)
{
	return key->not_after;
}
