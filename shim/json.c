#include "json.h"

#include <stdint.h>
#include <string.h>

struct input {
    const char *at, *end;
};

static void skip_blanks(struct input *in) {
    while (in->at < in->end && strchr(" \t\r\n", *in->at) != NULL && *in->at != '\0') in->at++;
}

static int take(struct input *in, char wanted) {
    skip_blanks(in);
    if (in->at == in->end || *in->at != wanted) return 0;
    in->at++;
    return 1;
}

static int hex4(struct input *in, uint32_t *code) {
    *code = 0;
    if (in->end - in->at < 4) return 0;
    for (int i = 0; i < 4; i++) {
        char c = *in->at++;
        uint32_t digit;
        if (c >= '0' && c <= '9') digit = (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f') digit = (uint32_t)(c - 'a') + 10;
        else if (c >= 'A' && c <= 'F') digit = (uint32_t)(c - 'A') + 10;
        else return 0;
        *code = *code << 4 | digit;
    }
    return 1;
}

/* The code point after `\u`, with the second half of a pair where it is one. */
static int escaped_code(struct input *in, uint32_t *code) {
    if (!hex4(in, code)) return 0;
    if (*code >= 0xD800 && *code <= 0xDBFF) {
        uint32_t low;
        if (in->end - in->at < 2 || in->at[0] != '\\' || in->at[1] != 'u') return 0;
        in->at += 2;
        if (!hex4(in, &low) || low < 0xDC00 || low > 0xDFFF) return 0;
        *code = 0x10000 + ((*code - 0xD800) << 10) + (low - 0xDC00);
        return 1;
    }
    return *code != 0 && !(*code >= 0xDC00 && *code <= 0xDFFF);
}

static size_t utf8(uint32_t code, char bytes[4]) {
    if (code < 0x80) {
        bytes[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        bytes[0] = (char)(0xC0 | code >> 6);
        bytes[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        bytes[0] = (char)(0xE0 | code >> 12);
        bytes[1] = (char)(0x80 | (code >> 6 & 0x3F));
        bytes[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    bytes[0] = (char)(0xF0 | code >> 18);
    bytes[1] = (char)(0x80 | (code >> 12 & 0x3F));
    bytes[2] = (char)(0x80 | (code >> 6 & 0x3F));
    bytes[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

/* Reads one character of a text into bytes; 0 at what is none. in->at stands behind it. */
static size_t character(struct input *in, char bytes[4]) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = *in->at++;
    uint32_t code;
    const char *known;
    if (c == '\0') return 0;
    if (c != '\\') {
        bytes[0] = c;
        return 1;
    }
    if (in->at == in->end) return 0;
    c = *in->at++;
    if (c == 'u') return escaped_code(in, &code) ? utf8(code, bytes) : 0;
    known = c == '\0' ? NULL : strchr(from, c);
    if (known == NULL) return 0;
    bytes[0] = to[known - from];
    return 1;
}

/* Steps over a text whose first quote is taken; 0 if it does not end. */
static int skip_text(struct input *in) {
    while (in->at < in->end) {
        char c = *in->at++;
        if (c == '"') return 1;
        if (c == '\\' && in->at < in->end) in->at++;
    }
    return 0;
}

/* Reads a text whose first quote is taken. Gives its length, or -1; always stands behind its end. */
static long read_text(struct input *in, char *out, size_t out_bytes) {
    size_t length = 0;
    while (in->at < in->end && *in->at != '"') {
        char bytes[4];
        size_t count = character(in, bytes);
        if (count == 0 || length + count >= out_bytes) {
            skip_text(in);
            return -1;
        }
        memcpy(out + length, bytes, count);
        length += count;
    }
    if (in->at == in->end) return -1;
    in->at++;
    out[length] = '\0';
    return (long)length;
}

/* Steps over one value, of whatever depth, without a stack; 0 at the end of the input. */
static int skip_value(struct input *in) {
    size_t depth = 0;
    do {
        skip_blanks(in);
        if (in->at == in->end) return 0;
        char c = *in->at++;
        if (c == '"') {
            if (!skip_text(in)) return 0;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (depth == 0) return 0;
            depth--;
        } else if (depth == 0) { /* a number or a word: up to what ends it */
            while (in->at < in->end && strchr(",}] \t\r\n", *in->at) == NULL) in->at++;
        }
    } while (depth > 0);
    return 1;
}

/* The value of `name` in the object that begins at in->at; of two, the last. 0 if there is none. */
static int member(struct input in, const char *wanted, struct input *value) {
    int found = 0;
    char name[64];
    if (!take(&in, '{')) return 0;
    while (take(&in, '"')) {
        long length = read_text(&in, name, sizeof name);
        if (!take(&in, ':')) return found;
        skip_blanks(&in);
        const char *start = in.at;
        if (!skip_value(&in)) return found;
        if (length >= 0 && (size_t)length == strlen(wanted) && !strcmp(name, wanted)) {
            *value = (struct input){start, in.at};
            found = 1;
        }
        if (!take(&in, ',')) return found;
    }
    return found;
}

static int find(struct input in, const char *const path[], size_t path_length,
                struct input *value) {
    *value = in;
    for (size_t i = 0; i < path_length; i++)
        if (!member(*value, path[i], value)) return 0;
    return 1;
}

long json_text(const char *json, size_t length, const char *const path[], size_t path_length,
               char *out, size_t out_bytes) {
    struct input value;
    if (!find((struct input){json, json + length}, path, path_length, &value)) return -1;
    return take(&value, '"') ? read_text(&value, out, out_bytes) : -1;
}

int json_is_document(const char *json, size_t length) {
    struct input in = {json, json + length};
    if (!take(&in, '{')) return 0;
    if (!take(&in, '}')) {
        do {
            if (!take(&in, '"') || !skip_text(&in) || !take(&in, ':') || !skip_value(&in)) return 0;
        } while (take(&in, ','));
        if (!take(&in, '}')) return 0;
    }
    skip_blanks(&in);
    return in.at == in.end;
}

int json_is_object(const char *json, size_t length, const char *const path[], size_t path_length) {
    struct input value;
    return find((struct input){json, json + length}, path, path_length, &value) &&
           take(&value, '{');
}

/* How many bytes of UTF-8 begin at text; 0 for what is none. */
static size_t utf8_length(const unsigned char *text) {
    size_t count = text[0] < 0x80 ? 1 : text[0] >= 0xC2 && text[0] <= 0xDF ? 2
                   : (text[0] & 0xF0) == 0xE0                              ? 3
                   : text[0] >= 0xF0 && text[0] <= 0xF4                    ? 4
                                                                           : 0;
    for (size_t i = 1; i < count; i++)
        if ((text[i] & 0xC0) != 0x80) return 0;
    if (count == 3 && ((text[0] == 0xE0 && text[1] < 0xA0) || (text[0] == 0xED && text[1] > 0x9F)))
        return 0;
    if (count == 4 && ((text[0] == 0xF0 && text[1] < 0x90) || (text[0] == 0xF4 && text[1] > 0x8F)))
        return 0;
    return count;
}

size_t json_quote(const char *text, char *out, size_t out_bytes) {
    static const char hex[] = "0123456789abcdef";
    const unsigned char *at = (const unsigned char *)text;
    size_t length = 0;
    if (out_bytes < 3) return 0;
    out[length++] = '"';
    while (*at != '\0') {
        char piece[6];
        size_t piece_length, taken = utf8_length(at);
        if (taken == 0) {
            taken = 1;
            piece_length = 3;
            memcpy(piece, "\xEF\xBF\xBD", 3);
        } else if (*at < 0x20 || *at == 0x7F) {
            piece_length = 6;
            memcpy(piece, "\\u00", 4);
            piece[4] = hex[*at >> 4];
            piece[5] = hex[*at & 15];
        } else if (*at == '"' || *at == '\\') {
            piece_length = 2;
            piece[0] = '\\';
            piece[1] = (char)*at;
        } else {
            piece_length = taken;
            memcpy(piece, at, taken);
        }
        if (length + piece_length + 2 > out_bytes) break;
        memcpy(out + length, piece, piece_length);
        length += piece_length;
        at += taken;
    }
    out[length++] = '"';
    out[length] = '\0';
    return length;
}
