/* json_text and json_quote on any bytes: no read or write outside, and what they give is in bounds. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const deep[] = {"ipam", "socket"}, *const flat[] = {"cniVersion"};
    char out[32], quoted[48];
    char *exact = malloc(size ? size : 1); /* so that a read past the end is seen */
    if (exact == NULL) abort();
    memcpy(exact, data, size);
    long length = json_text(exact, size, deep, 2, out, sizeof out);
    if (length >= (long)sizeof out || (length >= 0 && strlen(out) != (size_t)length)) abort();
    if (length >= 0 && !json_is_object(exact, size, deep, 1)) abort();
    json_is_document(exact, size);
    length = json_text(exact, size, flat, 1, out, sizeof out);
    if (length >= 0) {
        size_t written = json_quote(out, quoted, sizeof quoted);
        if (written >= sizeof quoted || strlen(quoted) != written) abort();
        if (quoted[0] != '"' || quoted[written - 1] != '"') abort();
    }
    free(exact);
    return 0;
}
