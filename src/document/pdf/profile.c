/*
 * profile.c
 *		sRGB as an ICC profile of version 4 (ICC.1:2010), made here: a matrix, and one curve that the three channels
 *		share. The numbers are those of IEC 61966-2-1, adapted to D50.
 */
#include "postgres.h"

#include <math.h>

#include "compat.h"
#include "document/pdf/conform.h"

static void
put32(StringInfo out, uint32 value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		appendStringInfoChar(out, (char) (value >> shift));
}

static void
put_tag(StringInfo out, const char *tag)
{
	appendBinaryStringInfo(out, tag, 4);
}

static void
put_fixed(StringInfo out, double value)
{
	put32(out, (uint32) (int32) lround(value * 65536));
}

static void
put_fixeds(StringInfo out, const char *type, const double *values, int count)
{
	put_tag(out, type);
	put32(out, 0);
	for (int i = 0; i < count; i++)
		put_fixed(out, values[i]);
}

/* One text in English. */
static void
put_name(StringInfo out, const char *name)
{
	put_tag(out, "mluc");
	put32(out, 0);
	put32(out, 1);
	put32(out, 12);
	put_tag(out, "enUS");
	put32(out, 2 * strlen(name));
	put32(out, 28);
	for (; *name != '\0'; name++)
	{
		appendStringInfoChar(out, 0);
		appendStringInfoChar(out, *name);
	}
	while (out->len % 4 != 0)
		appendStringInfoChar(out, 0);
}

/* Parametric curve of type 3: ((x * a) + b)^g, and below d linear. */
static void
put_curve(StringInfo out)
{
	static const double curve[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};

	put_tag(out, "para");
	put32(out, 0);
	put32(out, 3 << 16);
	for (int i = 0; i < lengthof(curve); i++)
		put_fixed(out, curve[i]);
}

void
profile_append(StringInfo out)
{
	static const double white[] = {0.9642, 1, 0.8249};
	static const double adaptation[] = {1.047882, 0.022919, -0.050201, 0.029587, 0.990479, -0.017059, -0.009232, 0.015076, 0.751678};
	static const double red[] = {0.436066, 0.222488, 0.013916};
	static const double green[] = {0.385147, 0.716873, 0.097076};
	static const double blue[] = {0.143066, 0.060608, 0.714096};
	static const char *const tags[] = {"desc", "cprt", "wtpt", "chad", "rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC"};
	StringInfoData body;
	int			from[lengthof(tags)];
	int			to[lengthof(tags)];
	int			before = 128 + 4 + 12 * lengthof(tags);

	initStringInfo(&body);
	for (int i = 0; i < lengthof(tags); i++)
	{
		from[i] = body.len;
		switch (i)
		{
			case 0:
				put_name(&body, "sRGB");
				break;
			case 1:
				put_name(&body, "No copyright");
				break;
			case 2:
				put_fixeds(&body, "XYZ ", white, 3);
				break;
			case 3:
				put_fixeds(&body, "sf32", adaptation, 9);
				break;
			case 4:
				put_fixeds(&body, "XYZ ", red, 3);
				break;
			case 5:
				put_fixeds(&body, "XYZ ", green, 3);
				break;
			case 6:
				put_fixeds(&body, "XYZ ", blue, 3);
				break;
			case 7:
				put_curve(&body);
				break;
			default:
				from[i] = from[7];
		}
		to[i] = i > 7 ? to[7] : body.len;
	}
	put32(out, before + body.len);
	put32(out, 0);
	put32(out, 0x04300000);
	put_tag(out, "mntr");
	put_tag(out, "RGB ");
	put_tag(out, "XYZ ");
	/* 1 January 2026 */
	put32(out, 2026 << 16 | 1);
	put32(out, 1 << 16);
	put32(out, 0);
	put_tag(out, "acsp");
	for (int i = 0; i < 7; i++)
		put32(out, 0);
	for (int i = 0; i < 3; i++)
		put_fixed(out, white[i]);
	for (int i = 0; i < 12; i++)
		put32(out, 0);
	put32(out, lengthof(tags));
	for (int i = 0; i < lengthof(tags); i++)
	{
		put_tag(out, tags[i]);
		put32(out, before + from[i]);
		put32(out, to[i] - from[i]);
	}
	appendBinaryStringInfo(out, body.data, body.len);
}
