/*
 * verifying.c
 *		What all steps of verification need: to refuse, and to look at elements
 *		without leaving room for a second meaning.
 */
#include "postgres.h"

#include "seal/verifying.h"

static const char *const canonicalisations[] = {
	"http://www.w3.org/2001/10/xml-exc-c14n#",
	"http://www.w3.org/2006/12/xml-c14n11",
	"http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
};

bool
verifying_refuse(Verifying *v, const char *step, const char *reason)
{
	return verdict_refuse(v->verdict, step, reason);
}

bool
verifying_canonicalisation(const char *uri)
{
	for (int i = 0; i < (int) lengthof(canonicalisations); i++)
		if (uri != NULL && strcmp(uri, canonicalisations[i]) == 0)
			return true;
	return false;
}

bool
verifying_points_to(const char *uri, const char *id)
{
	return uri != NULL && id != NULL && id[0] != '\0' && uri[0] == '#' && strcmp(uri + 1, id) == 0;
}

bool
verifying_children_are(const XmlNode *parent, const char *ns, const char *const *names, int count, XmlNode **found)
{
	XmlNode    *child = xml_first(parent);

	for (int i = 0; i < count; i++, child = xml_next(child))
	{
		if (child == NULL || !xml_is(child, ns, names[i]))
			return false;
		found[i] = child;
	}
	return child == NULL;
}
