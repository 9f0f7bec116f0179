/*
 * jws_json.h
 *		The JSON of a JWS header, read so that it has one meaning only: no member twice
 *		(RFC 7515 §4), no byte beyond the value, few values, little depth.
 */
#ifndef OOTSPG_SEAL_JWS_JSON_H
#define OOTSPG_SEAL_JWS_JSON_H

typedef enum JwsKind
{
	JWS_OBJECT,
	JWS_ARRAY,
	JWS_STRING,
	JWS_NUMBER,
	JWS_TRUE,
	JWS_FALSE,
	JWS_NULL
} JwsKind;

typedef struct JwsValue
{
	JwsKind		kind;
	const char *name;			/* of a member of an object; NULL otherwise */
	const char *text;			/* of a string, escapes resolved, or of a number as it is written; NULL otherwise */
	struct JwsValue *first;		/* of what an object or array holds */
	struct JwsValue *next;		/* beside this one */
	int			count;			/* of values held */
} JwsValue;

/* The object that all of the bytes are; NULL, with a constant *reason, when they are not. */
extern const JwsValue *jws_json_read(const char *bytes, size_t length, const char **reason);

/* The member of an object, or NULL. object may be NULL. */
extern const JwsValue *jws_json_member(const JwsValue *object, const char *name);

/* The text of a value that is a string; NULL when it is not. value may be NULL. */
extern const char *jws_json_string(const JwsValue *value);

/* A value that is a whole number of at most 15 digits, without sign; -1 when it is not. value may be NULL. */
extern int64 jws_json_integer(const JwsValue *value);

#endif							/* OOTSPG_SEAL_JWS_JSON_H */
