/*
 * references.h
 *		What a seal covers (SEAL §4 step 6). For the files of src/seal only.
 */
#ifndef OOTSPG_SEAL_REFERENCES_H
#define OOTSPG_SEAL_REFERENCES_H

#include "seal/verifying.h"

/* transforms that leave the signature out of what it signs */
#define URI_ENVELOPED	"http://www.w3.org/2000/09/xmldsig#enveloped-signature"
#define URI_XPATH		"http://www.w3.org/TR/1999/REC-xpath-19991116"
#define URI_XPATH2		"http://www.w3.org/2002/06/xmldsig-filter2"

/* Does SignedInfo cover document and properties, perhaps KeyInfo, and nothing else? Fills v's references. */
extern bool references_check(Verifying *v);

#endif							/* OOTSPG_SEAL_REFERENCES_H */
