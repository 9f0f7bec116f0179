/*
 * identity.h
 *		Is who signed in again the person of the request? (D-PRE-10, D-PRE-12)
 */
#ifndef OOTSPG_EVIDENCE_IDENTITY_H
#define OOTSPG_EVIDENCE_IDENTITY_H

#include "message/request.h"
#include "nodes/pg_list.h"

/*
 * Names of the mandatory attributes in which the two are not the same (char *, constant),
 * NIL when they are one person: kind, family_name, given_name, date_of_birth, identifier.
 * An attribute that who signed in lacks is not the same. Names are compared as matching
 * does: all given names in any order, or the first one.
 */
extern List *identity_differences(const Subject *asked, const Subject *verified, bool first_given_name);

#endif							/* OOTSPG_EVIDENCE_IDENTITY_H */
