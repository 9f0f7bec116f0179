/*
 * render.h
 *		What makes documents for people while evidence is built.
 */
#ifndef OOTSPG_DOCUMENT_RENDER_H
#define OOTSPG_DOCUMENT_RENDER_H

#include "evidence/rendering.h"

extern const Renderer document_renderer;

#endif							/* OOTSPG_DOCUMENT_RENDER_H */
