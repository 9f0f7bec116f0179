/*
 * kinds.c
 *		What a submission is made of: services, classification schemes, and the
 *		associations of each object model.
 */
#include "postgres.h"

#include "directory/submission.h"

const AssociationKind association_kinds[] = {
	/* type, source, target, service, two objects, three objects */
	{"ServesEvidenceType", "EvidenceProvider", "DataServiceEvidenceType", "dsd", true, false},
	{"ProvidesEvidenceType", "EvidenceProvider", "DataServiceEvidenceType", "dsd", false, true},
	{"UsesAccessService", "EvidenceProvider", "AccessService", "dsd", false, true},
	{"ContainsEvidence", "EvidenceTypeList", "EvidenceType", "eb", true, true},
	{"FulfillsRequirement", "EvidenceTypeList", "Requirement", "eb", true, true},
	{"DerivesFromReferenceFramework", "Requirement", "ReferenceFramework", "eb", true, true},
};

const int	association_kind_count = lengthof(association_kinds);

bool
submission_is_association(const XmlNode *object)
{
	char	   *type = xml_xsi_type(object);

	return type != NULL && strcmp(type, "rim:AssociationType") == 0;
}

const char *
submission_association_type(const XmlNode *object)
{
	char	   *type = xml_attribute_trimmed(object, NULL, "type");

	if (type == NULL || strncmp(type, ASSOCIATION_PREFIX, strlen(ASSOCIATION_PREFIX)) != 0)
		return NULL;
	return type + strlen(ASSOCIATION_PREFIX);
}

const char *
submission_association_service(const XmlNode *object)
{
	const char *type = submission_association_type(object);

	for (int i = 0; type != NULL && i < association_kind_count; i++)
		if (strcmp(association_kinds[i].type, type) == 0)
			return association_kinds[i].service;
	return NULL;
}

const char *
submission_scheme_service(const char *scheme)
{
	if (scheme == NULL)
		return NULL;
	if (strcmp(scheme, SCHEME_DSD) == 0)
		return "dsd";
	return strcmp(scheme, SCHEME_EB) == 0 ? "eb" : NULL;
}

void
submission_require_service(const char *service)
{
	if (service != NULL && strcmp(service, "dsd") != 0 && strcmp(service, "eb") != 0)
		ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("\"%s\" is not a directory", service), errhint("It is dsd or eb."));
}
