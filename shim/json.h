/* Reading one text out of a JSON document, and writing a text into one. No allocation. */
#ifndef POOLWEAVER_JSON_H
#define POOLWEAVER_JSON_H

#include <stddef.h>

/* Writes the text at `path` (names of objects within objects, outermost first) of the object in
 * json[0..length) to out, NUL-ended. Gives its length without the NUL; -1 if there is none, if it is
 * no text, has an escape for no character or for NUL, or does not fit. Of a name that stands twice
 * the last counts, as for the agent. Whatever the bytes are, reads no further than length; what is
 * wrong with them is the agent's to say.
 */
long json_text(const char *json, size_t length, const char *const path[], size_t path_length,
               char *out, size_t out_bytes);

/* Whether the bytes are one object of names and values. Looks no closer at the values. */
int json_is_document(const char *json, size_t length);

/* Whether an object begins at `path`. */
int json_is_object(const char *json, size_t length, const char *const path[], size_t path_length);

/* Appends text as a JSON text with its quotes to out, at most out_bytes with the NUL, cutting it at a
 * character where it does not fit. Bytes that are no UTF-8 become U+FFFD. Gives the bytes written.
 */
size_t json_quote(const char *text, char *out, size_t out_bytes);

#endif
