/*
 * headers.c
 *		One table says what each kind of response may load, and who may frame it.
 */
#include "headers.h"

typedef struct PolicyHeaders
{
	const char *content;		/* Content-Security-Policy */
	const char *frame;			/* X-Frame-Options */
	const char *cache;
} PolicyHeaders;

/* Renderings of evidence have the mark of their letterhead in themselves. */
#define OWN_ONLY "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; " \
	"frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
#define NOTHING "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"

static const PolicyHeaders policies[] = {
	[POLICY_PAGE] = {OWN_ONLY, "DENY", "no-store"},
	/* A browser holds what the portal answers to the form (303) to this list as well: its other hosts are not known here. */
	[POLICY_PAGE_RETURN] = {OWN_ONLY " https:", "DENY", "no-store"},
	/* The viewer of a browser is a page of its own: a sandbox or default-src 'none' would blind it. */
	[POLICY_PDF] = {"frame-ancestors 'self'; base-uri 'none'; form-action 'none'; script-src 'none'", "SAMEORIGIN", "no-store"},
	[POLICY_PICTURE] = {NOTHING, "DENY", "no-store"},
	[POLICY_FILE] = {NOTHING, "DENY", "no-store"},
	[POLICY_ASSET] = {NOTHING, "DENY", "public, max-age=31536000, immutable"},
};

void
headers_complete(Request *request)
{
	Response   *response = &request->response;
	const PolicyHeaders *policy = &policies[response->policy];

	if (response->status == 0)
		response->status = 500;
	if (response->type && response->body.len > 0)
		response_header(request, "Content-Type", response->type);
	response_header(request, "Content-Security-Policy", policy->content);
	response_header(request, "X-Frame-Options", policy->frame);
	response_header(request, "Cache-Control", policy->cache);
	response_header(request, "Referrer-Policy", "no-referrer");
	response_header(request, "X-Content-Type-Options", "nosniff");
	response_header(request, "Cross-Origin-Opener-Policy", "same-origin");
	response_header(request, "Cross-Origin-Resource-Policy", "same-origin");
	response_header(request, "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
	response_header(request, "X-Robots-Tag", "noindex, nofollow");
	if (request->config->tls_certificate)
		response_header(request, "Strict-Transport-Security", "max-age=31536000");
}
