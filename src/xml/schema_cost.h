/*
 * schema_cost.h
 *		What compiling an XML Schema would take, told before libxml2 does it.
 */
#ifndef OOTSPG_XML_SCHEMA_COST_H
#define OOTSPG_XML_SCHEMA_COST_H

#include "xml/read.h"

/* Raises ERRCODE_OOTS_CONFIGURATION when it would be more than about a second; root is an xs:schema. */
extern void schema_require_cheap(const XmlNode *root);

#endif							/* OOTSPG_XML_SCHEMA_COST_H */
