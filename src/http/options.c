/*
 * options.c
 *		A peer and a request as libcurl's options, and which URLs are called at
 *		all: https, or http to this very host, without credentials in them.
 *
 * Runs with signals blocked and must not raise: what is wrong comes back as a
 * reason. Whatever libcurl would take from its surroundings (proxies of the
 * environment, .netrc, cookies, redirects, a second trust store) is turned off.
 */
#include "postgres.h"

#include <arpa/inet.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compat.h"
#include "http/call.h"

#define KEEPALIVE_IDLE		60L	/* seconds before the first probe */
#define KEEPALIVE_INTERVAL	30L
#define MAX_URL				2048

static const char *const refused_option = "libcurl refuses an option";

/* Does the host part of a URL mean this host and no other? */
static bool
is_this_host(const char *host)
{
	struct in_addr address;

	if (pg_strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
		return true;
	return inet_pton(AF_INET, host, &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

/* One part of a URL into buffer; "" when it is absent; false when it does not fit. */
static bool
url_part(CURLU *url, CURLUPart part, char *buffer, size_t size)
{
	char	   *value = NULL;
	CURLUcode	code = curl_url_get(url, part, &value, 0);
	bool		fits = true;

	buffer[0] = '\0';
	if (code == CURLUE_OK)
		fits = strlcpy(buffer, value, size) < size;
	curl_free(value);
	return fits;
}

static const char *
check_parsed(CURLU *url, const HttpPeer *peer)
{
	char		scheme[16],
				host[256],
				other[MAX_URL];

	if (!url_part(url, CURLUPART_SCHEME, scheme, sizeof(scheme)) || !url_part(url, CURLUPART_HOST, host, sizeof(host)) || host[0] == '\0')
		return "the URL is malformed";
	if (!url_part(url, CURLUPART_USER, other, sizeof(other)) || other[0] != '\0' ||
		!url_part(url, CURLUPART_PASSWORD, other, sizeof(other)) || other[0] != '\0')
		return "the URL contains credentials";
	if (!url_part(url, CURLUPART_FRAGMENT, other, sizeof(other)) || other[0] != '\0')
		return "the URL contains a fragment";
	if (strcmp(scheme, "https") == 0)
		return NULL;
	if (peer->elsewhere)
		return "the URL is not https";
	if (strcmp(scheme, "http") != 0)
		return "the URL is neither https nor http";
	if (!is_this_host(host))
		return "http without TLS is for this host only (localhost, 127.0.0.0/8, [::1])";
	if (peer->proxy != NULL)
		return "http without TLS does not go through a proxy";
	return NULL;
}

/* NULL when the URL may be called, else why not. */
static const char *
check_url(const char *text, const HttpPeer *peer)
{
	CURLU	   *url = curl_url();
	const char *reason = "the URL is malformed";

	if (url == NULL)
		return "out of memory";
	if (curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK)
		reason = check_parsed(url, peer);
	curl_url_cleanup(url);
	return reason;
}

static bool
set_text(CURL *easy, CURLoption option, const char *value)
{
	return curl_easy_setopt(easy, option, value) == CURLE_OK;
}

static bool
set_long(CURL *easy, CURLoption option, long value)
{
	return curl_easy_setopt(easy, option, value) == CURLE_OK;
}

/* What is the same for every call. */
static bool
set_manners(CURL *easy)
{
	return set_long(easy, CURLOPT_NOSIGNAL, 1) &&
		set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https") &&
		set_text(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https") &&
		set_long(easy, CURLOPT_FOLLOWLOCATION, 0) &&
		set_long(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1) &&
		set_long(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) &&
		set_long(easy, CURLOPT_NETRC, CURL_NETRC_IGNORED) &&
		set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1) &&
		set_long(easy, CURLOPT_TCP_KEEPALIVE, 1) &&
		set_long(easy, CURLOPT_TCP_KEEPIDLE, KEEPALIVE_IDLE) &&
		set_long(easy, CURLOPT_TCP_KEEPINTVL, KEEPALIVE_INTERVAL) &&
		set_text(easy, CURLOPT_USERAGENT, "ootspg/" OOTSPG_VERSION) &&
		oots_curl_quick_exit(easy) == CURLE_OK;
}

static bool
set_times(CURL *easy, const HttpPeer *peer)
{
	return set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, peer->connect_ms) &&
		set_long(easy, CURLOPT_LOW_SPEED_LIMIT, 1) &&
		set_long(easy, CURLOPT_LOW_SPEED_TIME, (peer->stall_ms + 999L) / 1000) &&
		set_long(easy, CURLOPT_TIMEOUT_MS, peer->total_ms);
}

/* NULL, or an absolute path of a file that we may read? One that is no file, as a FIFO, could hold its reader for ever. */
static bool
is_readable(const char *path)
{
	struct stat st;

	return path == NULL || (path[0] == '/' && stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, R_OK) == 0);
}

static const char *
set_tls(CURL *easy, const HttpPeer *peer)
{
	if (!is_readable(peer->ca_file))
		return "the file of trusted certificates is not readable";
	if (!is_readable(peer->certificate_file))
		return "the client certificate's file is not readable";
	if (!is_readable(peer->key_file))
		return "the client key's file is not readable";
	if (!set_long(easy, CURLOPT_SSL_VERIFYPEER, 1) ||
		!set_long(easy, CURLOPT_SSL_VERIFYHOST, 2) ||
		!set_long(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2) ||
		!set_long(easy, CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2) ||
		oots_curl_fresh_certificates(easy) != CURLE_OK)
		return refused_option;

	/* the system's directory would still be trusted besides a file of ours */
	if (peer->ca_file != NULL &&
		(!set_text(easy, CURLOPT_CAINFO, peer->ca_file) || !set_text(easy, CURLOPT_CAPATH, NULL)))
		return refused_option;

	if ((peer->ciphers != NULL && !set_text(easy, CURLOPT_SSL_CIPHER_LIST, peer->ciphers)) ||
		(peer->ciphersuites != NULL && !set_text(easy, CURLOPT_TLS13_CIPHERS, peer->ciphersuites)) ||
		(peer->curves != NULL && !set_text(easy, CURLOPT_SSL_EC_CURVES, peer->curves)))
		return refused_option;

	/* with a pass phrase, even an empty one, OpenSSL does not ask for one on a terminal */
	if (peer->certificate_file != NULL &&
		(!set_text(easy, CURLOPT_SSLCERT, peer->certificate_file) ||
		 !set_text(easy, CURLOPT_SSLKEY, peer->key_file ? peer->key_file : peer->certificate_file) ||
		 !set_text(easy, CURLOPT_KEYPASSWD, "")))
		return refused_option;
	return NULL;
}

/* The plugin never challenges (access point §1.2), so the header goes ahead. */
static bool
set_login(CURL *easy, const HttpPeer *peer)
{
	if (peer->user == NULL)
		return true;
	return set_long(easy, CURLOPT_HTTPAUTH, (long) CURLAUTH_BASIC) &&
		set_text(easy, CURLOPT_USERNAME, peer->user) &&
		set_text(easy, CURLOPT_PASSWORD, peer->password ? peer->password : "");
}

/* "" turns off what the environment says */
static bool
set_proxy(CURL *easy, const HttpPeer *peer)
{
	return set_text(easy, CURLOPT_PROXY, peer->proxy ? peer->proxy : "") &&
		set_text(easy, CURLOPT_NOPROXY, "");
}

/* Does text hold a control character, which could end a header line? */
static bool
has_control(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char) *text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

static const char *
add_header(HttpCall *call, const char *name, const char *value)
{
	size_t		size = strlen(name) + strlen(value) + 3;
	struct curl_slist *longer;
	char	   *line;

	if (has_control(name) || has_control(value) || strchr(name, ':') != NULL)
		return "a header of the request is malformed";
	line = malloc(size);
	if (line == NULL)
		return "out of memory";
	/* libcurl takes "Name:" as the wish to leave a header out */
	snprintf(line, size, *value != '\0' ? "%s: %s" : "%s:", name, value);
	longer = curl_slist_append(call->headers, line);
	free(line);
	if (longer == NULL)
		return "out of memory";
	call->headers = longer;
	return NULL;
}

static const char *
set_headers(HttpCall *call, const HttpRequest *request)
{
	/* no waiting for 100 Continue (access point §1.2); Accept is ours or none; without a word any coding would do (RFC 9110 §12.5.3) */
	const char *reason = add_header(call, "Expect", "");

	if (reason == NULL)
		reason = add_header(call, "Accept-Encoding", "identity");
	if (reason == NULL)
		reason = add_header(call, "Accept", request->accept ? request->accept : "");
	if (reason == NULL && request->body != NULL && request->content_type != NULL)
		reason = add_header(call, "Content-Type", request->content_type);
	for (int i = 0; reason == NULL && i < request->header_count; i++)
		reason = add_header(call, request->headers[i].name, request->headers[i].value);
	if (reason == NULL && curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers) != CURLE_OK)
		reason = refused_option;
	return reason;
}

static bool
set_body(CURL *easy, const HttpRequest *request)
{
	/* a Content-Length above it ends the call before the body is read; 0 would mean no limit */
	if (curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t) Max(request->max_answer, 1)) != CURLE_OK)
		return false;
	if (request->body == NULL)
		return set_long(easy, CURLOPT_HTTPGET, 1);
	return set_long(easy, CURLOPT_POST, 1) &&
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) request->length) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body) == CURLE_OK;
}

const char *
call_set_options(HttpCall *call, const HttpPeer *peer, const HttpRequest *request)
{
	CURL	   *easy = call->easy;
	char		url[MAX_URL];
	const char *reason;

	if (peer->url == NULL || snprintf(url, sizeof(url), "%s%s", peer->url, request->path ? request->path : "") >= (int) sizeof(url))
		return "the URL is missing or too long";
	reason = check_url(url, peer);
	if (reason != NULL)
		return reason;
	if (!set_text(easy, CURLOPT_URL, url) || !set_manners(easy) || !set_times(easy, peer) ||
		!set_login(easy, peer) || !set_proxy(easy, peer) || !set_body(easy, request) ||
		(peer->elsewhere && peer->proxy == NULL && !call_stay_away(call)))
		return refused_option;
	reason = set_tls(easy, peer);
	return reason ? reason : set_headers(call, request);
}
