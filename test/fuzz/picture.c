/*
 * picture.c
 *		Pictures for letterheads: PNG, JPEG, SVG. What is taken is within the limits, and is what PDF can have: a drawing is
 *		numbers and operators and nothing else, as many states are restored as saved, samples inflate to as many as the size says.
 *
 *		Input: a byte for the media type, then the picture. Of a PNG the checksums do not matter.
 */
#include "fuzz.h"

#include <ctype.h>

#include "document/picture.h"
#include "pdf/flate.h"

bool		fuzz_raises = false;

void
fuzz_start(void)
{
}

static bool
is_operator(const char *word)
{
	static const char *const operators[] = {"m", "l", "c", "h", "re", "f", "f*", "S", "B", "B*", "n", "q", "Q", "cm", "rg", "RG", "w", "J", "j"};

	for (int i = 0; i < lengthof(operators); i++)
		if (strcmp(operators[i], word) == 0)
			return true;
	return false;
}

static void
check_drawing(const Picture *picture)
{
	char	   *text = pnstrdup(picture->bytes, picture->length);
	char	   *state;
	int			saved = 0;

	PROMISE(picture->length < 60 * (PICTURE_MAX_DRAWN + 100) * 6);
	for (char *word = strtok_r(text, " \n", &state); word != NULL; word = strtok_r(NULL, " \n", &state))
	{
		bool		number = strspn(word, "-0123456789.") == strlen(word);

		PROMISE(number || is_operator(word));
		saved += strcmp(word, "q") == 0;
		saved -= strcmp(word, "Q") == 0;
		PROMISE(saved >= 0 && saved < 60);
	}
	PROMISE(saved == 0);
}

void
fuzz_one(const char *bytes, size_t length)
{
	static const char *const types[] = {"image/png", "image/jpeg", "image/svg+xml", "application/pdf"};
	Picture		picture;
	size_t		samples;

	if (length == 0 || picture_read(types[bytes[0] & 3], bytes + 1, length - 1, &picture) != NULL)
		return;
	PROMISE(picture.width > 0 && picture.height > 0 && picture.bytes != NULL);
	if (picture.kind == PICTURE_DRAWING)
		check_drawing(&picture);
	else
		PROMISE(picture.width * picture.height <= PICTURE_MAX_PIXELS);
	if (picture.kind == PICTURE_SAMPLES)
		PROMISE(flate_read(picture.bytes, picture.length, PICTURE_MAX_PIXELS * 3 + 1, &samples) != NULL && samples == (size_t) (picture.width * picture.height * 3));
	if (picture.kind == PICTURE_JPEG)
		PROMISE(picture.components == 1 || picture.components == 3);
}
