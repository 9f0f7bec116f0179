/*
 * picture.h
 *		Pictures of a letterhead as a PDF can have them: PNG as samples, JPEG as it is, SVG of paths as the operators
 *		that draw it. They come from outside, and are read within limits; what is more, or
 *		something else, is a refusal in words.
 */
#ifndef OOTSPG_DOCUMENT_PICTURE_H
#define OOTSPG_DOCUMENT_PICTURE_H

typedef enum PictureKind
{
	PICTURE_NONE,
	PICTURE_SAMPLES,			/* rows of red, green, blue, deflated */
	PICTURE_JPEG,
	PICTURE_DRAWING				/* operators of a form of that width and height */
} PictureKind;

typedef struct Picture
{
	PictureKind kind;
	double		width,
				height;
	int			components;		/* of a JPEG: 1 or 3 */
	const char *bytes;
	size_t		length;
} Picture;

/* Limits: of the file in bytes, of pixels, of operators drawn. */
#define PICTURE_MAX_BYTES	(512 * 1024)
#define PICTURE_MAX_PIXELS	(2 * 1000 * 1000)
#define PICTURE_MAX_DRAWN	20000

/* In the current memory context. What is wrong with it; NULL: nothing. */
extern const char *picture_read(const char *media_type, const char *bytes, size_t length, Picture *picture);

/* drawing.c: the same of an SVG. */
extern const char *drawing_read(const char *bytes, size_t length, Picture *picture);

#endif							/* OOTSPG_DOCUMENT_PICTURE_H */
