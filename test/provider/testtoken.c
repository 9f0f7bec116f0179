/*
 * testtoken.c
 *		An OpenSSL provider for the tests that stands in for a token: it serves
 *		testtoken:object=NAME from $TESTTOKEN_DIRECTORY/NAME.der and .crt, in DER.
 *		The library reads keys of other schemes than file: only through providers
 *		like this one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/params.h>

/* the objects of a URI: 0 the key, 1 the certificate, 2 no more */
typedef struct Token
{
	char		name[64];
	int			next;
} Token;

static void *
token_open(void *provider, const char *uri)
{
	static const char prefix[] = "testtoken:object=";
	Token	   *token;

	if (strncmp(uri, prefix, strlen(prefix)) != 0 || (token = calloc(1, sizeof(*token))) == NULL)
		return NULL;
	snprintf(token->name, sizeof(token->name), "%s", uri + strlen(prefix));
	return token;
}

static int
token_set_params(void *context, const OSSL_PARAM params[])
{
	return 1;
}

static int
token_load(void *context, OSSL_CALLBACK *give, void *give_arg,
		   OSSL_PASSPHRASE_CALLBACK *ask, void *ask_arg)
{
	Token	   *token = context;
	int			certificate = token->next++;
	int			type = certificate ? OSSL_OBJECT_CERT : OSSL_OBJECT_PKEY;
	const char *directory = getenv("TESTTOKEN_DIRECTORY");
	char		path[4096];
	char		der[16384];
	size_t		length;
	FILE	   *file;
	OSSL_PARAM	params[4];
	OSSL_PARAM *p = params;

	snprintf(path, sizeof(path), "%s/%s.%s", directory ? directory : "", token->name, certificate ? "crt" : "der");
	if ((file = fopen(path, "rb")) == NULL)
		return 0;
	length = fread(der, 1, sizeof(der), file);
	fclose(file);
	*p++ = OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type);
	if (!certificate)
		*p++ = OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_STRUCTURE, "PrivateKeyInfo", 0);
	*p++ = OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_DATA, der, length);
	*p = OSSL_PARAM_construct_end();
	return give(params, give_arg);
}

static int
token_eof(void *context)
{
	return ((Token *) context)->next > 1;
}

static int
token_close(void *context)
{
	free(context);
	return 1;
}

static const OSSL_DISPATCH store_functions[] = {
	{OSSL_FUNC_STORE_OPEN, (void (*) (void)) token_open},
	{OSSL_FUNC_STORE_SET_CTX_PARAMS, (void (*) (void)) token_set_params},
	{OSSL_FUNC_STORE_LOAD, (void (*) (void)) token_load},
	{OSSL_FUNC_STORE_EOF, (void (*) (void)) token_eof},
	{OSSL_FUNC_STORE_CLOSE, (void (*) (void)) token_close},
	{0, NULL}
};

static const OSSL_ALGORITHM stores[] = {
	{"testtoken", "provider=testtoken", store_functions, "keys of the tests"},
	{NULL, NULL, NULL, NULL}
};

static const OSSL_ALGORITHM *
query(void *provider, int operation, int *no_cache)
{
	*no_cache = 0;
	return operation == OSSL_OP_STORE ? stores : NULL;
}

static const OSSL_DISPATCH provider_functions[] = {
	{OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*) (void)) query},
	{0, NULL}
};

int
OSSL_provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
				   const OSSL_DISPATCH **out, void **provider)
{
	*out = provider_functions;
	*provider = (void *) handle;
	return 1;
}
