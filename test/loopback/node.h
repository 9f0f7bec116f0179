/*
 * node.h
 *		Elements of a parsed document and what they say.
 */
#ifndef LOOPBACK_NODE_H
#define LOOPBACK_NODE_H

#include <stdbool.h>
#include <libxml/tree.h>

/* Namespace NULL: the element must have none. */
extern bool node_is(const xmlNode *node, const char *ns, const char *name);
extern xmlNode *node_child(const xmlNode *parent, const char *ns, const char *name);
extern xmlNode *node_next(const xmlNode *node);
extern xmlNode *node_first(const xmlNode *parent);

/* Trimmed, to be freed; NULL when there is no such node. */
extern char *node_text(const xmlNode *node);
extern char *node_attribute(const xmlNode *node, const char *name);

#endif
