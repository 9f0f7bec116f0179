/*
 * embedded.c
 *		The assembler takes the files in; PREVIEW_SOURCES is where they lie.
 */
#include <string.h>

#include "embedded.h"

#define FILES \
	FILE_OF(po, bg, "po/bg.po") FILE_OF(po, cs, "po/cs.po") FILE_OF(po, da, "po/da.po") FILE_OF(po, de, "po/de.po") \
	FILE_OF(po, el, "po/el.po") FILE_OF(po, es, "po/es.po") FILE_OF(po, et, "po/et.po") FILE_OF(po, fi, "po/fi.po") \
	FILE_OF(po, fr, "po/fr.po") FILE_OF(po, ga, "po/ga.po") FILE_OF(po, hr, "po/hr.po") FILE_OF(po, hu, "po/hu.po") \
	FILE_OF(po, it, "po/it.po") FILE_OF(po, lt, "po/lt.po") FILE_OF(po, lv, "po/lv.po") FILE_OF(po, mt, "po/mt.po") \
	FILE_OF(po, nl, "po/nl.po") FILE_OF(po, pl, "po/pl.po") FILE_OF(po, pt, "po/pt.po") FILE_OF(po, ro, "po/ro.po") \
	FILE_OF(po, sk, "po/sk.po") FILE_OF(po, sl, "po/sl.po") FILE_OF(po, sv, "po/sv.po") \
	FILE_OF(asset, style, "assets/style.css") FILE_OF(asset, script, "assets/script.js") FILE_OF(asset, icon, "assets/icon.svg")

#define FILE_OF(kind, name, path) \
	__asm__(".section .rodata\n" \
			"embedded_" #kind "_" #name ":\n" \
			".incbin \"" PREVIEW_SOURCES "/" path "\"\n" \
			"embedded_" #kind "_" #name "_end:\n" \
			".byte 0\n" \
			".previous\n"); \
	extern const unsigned char kind##_##name[] __asm__("embedded_" #kind "_" #name); \
	extern const unsigned char kind##_##name##_end[] __asm__("embedded_" #kind "_" #name "_end");
FILES
#undef FILE_OF

#define FILE_OF(kind, name, path) {#kind, #name, kind##_##name, kind##_##name##_end},
static const Embedded files[] = {FILES};
#undef FILE_OF

const Embedded *
embedded_find(const char *kind, const char *name)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (strcmp(files[i].kind, kind) == 0 && strcmp(files[i].name, name) == 0)
			return &files[i];
	return NULL;
}
