/*
 * rawsign.c
 *		The yardstick of all other figures: what OpenSSL alone needs for a
 *		signature, on one kept context, in one thread.
 *
 *		rawsign KEY.pem COUNT	prints the CPU time of one signature over a SHA-256
 *								digest in µs
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double
cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static EVP_PKEY *
read_key(const char *path)
{
	FILE	   *file = fopen(path, "r");
	EVP_PKEY   *key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;

	if (key == NULL)
	{
		fprintf(stderr, "rawsign: cannot read %s\n", path);
		exit(1);
	}
	fclose(file);
	return key;
}

int
main(int argc, char **argv)
{
	unsigned char digest[32];
	unsigned char signature[1024];
	int			count = argc > 2 ? atoi(argv[2]) : 0;
	EVP_PKEY   *key;
	EVP_PKEY_CTX *context;
	double		started;

	if (count <= 0)
	{
		fprintf(stderr, "usage: rawsign KEY.pem COUNT\n");
		return 2;
	}
	key = read_key(argv[1]);
	context = EVP_PKEY_CTX_new(key, NULL);
	memset(digest, 0x5a, sizeof(digest));
	if (context == NULL || EVP_PKEY_sign_init(context) <= 0 ||
		EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) <= 0)
		return 1;
	started = cpu_seconds();
	for (int i = 0; i < count; i++)
	{
		size_t		length = sizeof(signature);

		digest[0] = (unsigned char) i;
		if (EVP_PKEY_sign(context, signature, &length, digest, sizeof(digest)) <= 0)
			return 1;
	}
	printf("%.3f\n", (cpu_seconds() - started) * 1e6 / count);
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(key);
	return 0;
}
