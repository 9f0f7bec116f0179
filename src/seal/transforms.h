/*
 * transforms.h
 *		Transforms that libxmlsec1 lacks, or runs at a price that a sender would set.
 *		For engine.c only. Nothing here raises: it runs inside of the library.
 */
#ifndef OOTSPG_SEAL_TRANSFORMS_H
#define OOTSPG_SEAL_TRANSFORMS_H

#include <xmlsec/xmlsec.h>
#include <xmlsec/transforms.h>

/* Makes the signature methods of RSA-PSS known to a library that has none; once for each process. */
extern bool transforms_register(void);

/*
 * A library's callback before a chain of transforms runs: XPath filters, which
 * references.c has found to remove the one signature, become the enveloped signature
 * transform. 0, or negative when that can't be.
 */
extern int	transforms_simplify(xmlSecTransformCtxPtr chain);

#endif							/* OOTSPG_SEAL_TRANSFORMS_H */
