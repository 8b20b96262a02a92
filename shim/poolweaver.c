/* The CNI plugin of a node with an agent: carries a call to it and its answer back.
 *
 * Environment and standard input in, one JSON document or nothing out, and the agent's exit code.
 * The socket is `ipam.socket` of the configuration, else DEFAULT_SOCKET. What goes wrong on the way
 * is a CNI error: 11, try again later, where the agent cannot be reached.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "protocol.h"

#ifndef DEFAULT_SOCKET
#define DEFAULT_SOCKET "/run/poolweaver/agent.sock"
#endif
/* Longer than the agent takes at most for any call, shorter than runtimes wait. */
#ifndef DEADLINE_SECONDS
#define DEADLINE_SECONDS 60
#endif
#define NEWEST "1.1.0"
#define VERSIONS "\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\""

enum { TRY_AGAIN = 11, IO_FAILURE = 5, INVALID_ENVIRONMENT = 4, DECODE_FAILED = 6, INVALID_CONFIG = 7 };

extern char **environ;

static char document[MOST_DOCUMENT_BYTES + 1];
static size_t document_bytes;
static char answer[MOST_DOCUMENT_BYTES];
static char variables[MOST_VARIABLES_BYTES];
static char socket_path[4096] = DEFAULT_SOCKET;
static char cni_version[64] = "0.1.0"; /* what a configuration without one means */
static int64_t deadline_ms;

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int write_out(const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t done = write(STDOUT_FILENO, bytes, length);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return 0;
        bytes += done;
        length -= (size_t)done;
    }
    return 1;
}

/* Answers with a CNI error. `message` is one line; what it names is cut, not the document. */
static int fail(int code, const char *message, const char *details) {
    static char version[512], text[4096], more[4096], line[9216];
    json_quote(cni_version, version, sizeof version);
    json_quote(message, text, sizeof text);
    json_quote(details, more, sizeof more);
    int length = snprintf(line, sizeof line,
                          "{\"cniVersion\": %s, \"code\": %d, \"msg\": %s, \"details\": %s}\n",
                          version, code, text, more);
    write_out(line, (size_t)length);
    return 1;
}

static int fail_at_socket(const char *what, int error) {
    static char message[4096];
    snprintf(message, sizeof message, "%s `%s`%s%s", what, socket_path, error ? ": " : "",
             error ? strerror(error) : "");
    return fail(TRY_AGAIN, message,
                "is the agent running? `systemctl status poolweaver-agent`; its `--socket` and "
                "`ipam.socket` of the network configuration name the same path");
}

/* Reads standard input to its end; 0 and an answer if that cannot be. */
static int read_document(void) {
    while (document_bytes <= MOST_DOCUMENT_BYTES) {
        ssize_t done = read(STDIN_FILENO, document + document_bytes,
                            sizeof document - document_bytes);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) {
            fail(IO_FAILURE, "standard input cannot be read", strerror(errno));
            return 0;
        }
        if (done == 0) return 1;
        document_bytes += (size_t)done;
    }
    fail(INVALID_CONFIG, "the network configuration is longer than 1 MiB",
         "the runtime sends it on standard input; check the CNI configuration file");
    return 0;
}

/* What the client itself needs of the configuration; the agent finds what is wrong with it. */
static void look_into_document(void) {
    static const char *const version_path[] = {"cniVersion"};
    static const char *const socket_place[] = {"ipam", "socket"};
    static char found[sizeof socket_path];
    if (json_text(document, document_bytes, version_path, 1, found, sizeof cni_version) > 0)
        strcpy(cni_version, found);
    if (json_text(document, document_bytes, socket_place, 2, found, sizeof found) > 0)
        strcpy(socket_path, found);
}

/* Where no socket can be found, because there is no configuration to find it in: 0 and the answer. */
static int check_document(void) {
    static const char *const ipam[] = {"ipam"};
    if (!json_is_document(document, document_bytes)) {
        fail(DECODE_FAILED, "the network configuration is not a JSON object",
             "the runtime sends it on standard input; check the CNI configuration file");
        return 0;
    }
    if (!json_is_object(document, document_bytes, ipam, 1)) {
        fail(INVALID_CONFIG, "the network configuration has no `ipam` object",
             "write `\"ipam\": {\"type\": \"poolweaver\"}`");
        return 0;
    }
    return 1;
}

/* Gathers NAME=VALUE of each CNI_* variable, each with its NUL; -1 if they do not fit. */
static long gather_variables(void) {
    size_t length = 0;
    for (char **one = environ; *one != NULL; one++) {
        size_t bytes = strlen(*one) + 1;
        if (strncmp(*one, "CNI_", 4) != 0) continue;
        if (length + bytes > sizeof variables) return -1;
        memcpy(variables + length, *one, bytes);
        length += bytes;
    }
    return (long)length;
}

/* Waits until the socket can be read or written; 0 when the time is over. */
static int wait_for(int descriptor, short events) {
    struct pollfd one = {descriptor, events, 0};
    for (;;) {
        int64_t left = deadline_ms - now_ms();
        if (left <= 0) return 0;
        int ready = poll(&one, 1, (int)left);
        if (ready > 0) return 1;
        if (ready < 0 && errno != EINTR) return 0;
    }
}

/* Sends all bytes; 0 with errno, which is 0 when the time is over. */
static int send_all(int descriptor, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t done = send(descriptor, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (done >= 0) {
            bytes += done;
            length -= (size_t)done;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            errno = 0;
            if (!wait_for(descriptor, POLLOUT)) return 0;
        } else if (errno != EINTR) {
            return 0;
        }
    }
    return 1;
}

/* Receives exactly length bytes; 0 with errno, which is 0 when the time is over or nothing more comes. */
static int receive_all(int descriptor, char *bytes, size_t length, int *ended) {
    while (length > 0) {
        ssize_t done = recv(descriptor, bytes, length, MSG_DONTWAIT);
        if (done > 0) {
            bytes += done;
            length -= (size_t)done;
        } else if (done == 0) {
            *ended = 1;
            errno = 0;
            return 0;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            errno = 0;
            if (!wait_for(descriptor, POLLIN)) return 0;
        } else if (errno != EINTR) {
            return 0;
        }
    }
    return 1;
}

static void put32(unsigned char *bytes, size_t number) {
    bytes[0] = (unsigned char)(number >> 24);
    bytes[1] = (unsigned char)(number >> 16);
    bytes[2] = (unsigned char)(number >> 8);
    bytes[3] = (unsigned char)number;
}

static size_t get32(const unsigned char *bytes) {
    return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

/* A socket connected to the agent, or -1 after an answer. */
static int connect_agent(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(socket_path) >= sizeof address.sun_path) {
        fail(INVALID_CONFIG, "`ipam.socket` is longer than the path of a socket may be",
             "move the agent's socket to a shorter path, such as " DEFAULT_SOCKET);
        return -1;
    }
    strcpy(address.sun_path, socket_path);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    while (descriptor >= 0 && connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
        if (errno == EINTR) continue;
        if (errno == EAGAIN && now_ms() < deadline_ms) { /* its queue is full: a unix socket says so at once */
            poll(NULL, 0, 10);
            continue;
        }
        fail_at_socket("the agent cannot be reached at", errno);
        close(descriptor);
        return -1;
    }
    if (descriptor < 0) fail(IO_FAILURE, "a socket cannot be made", strerror(errno));
    return descriptor;
}

static int ask(int descriptor, size_t variables_bytes) {
    unsigned char question[QUESTION_HEADER_BYTES] = {PROTOCOL_VERSION};
    unsigned char header[ANSWER_HEADER_BYTES];
    int ended = 0;
    put32(question + 1, variables_bytes);
    put32(question + 5, document_bytes);
    if (!send_all(descriptor, (char *)question, sizeof question) ||
        !send_all(descriptor, variables, variables_bytes) ||
        !send_all(descriptor, document, document_bytes)) {
        /* An agent that refuses the call may answer and close before it has read all of it. */
        if (errno != EPIPE && errno != ECONNRESET)
            return fail_at_socket(errno ? "the call cannot be sent to the agent at"
                                        : "no answer in time from the agent at",
                                  errno);
    }
    if (!receive_all(descriptor, (char *)header, sizeof header, &ended))
        return fail_at_socket(ended || errno ? "the agent went away without an answer, at"
                                             : "no answer in time from the agent at",
                              errno);
    if (header[0] != PROTOCOL_VERSION || header[1] == UNKNOWN_VERSION)
        return fail(TRY_AGAIN, "the agent and this plugin speak different versions",
                    "restart the agent after an upgrade, and run `poolweaver cni install` again");
    size_t length = get32(header + 2);
    if (length > sizeof answer)
        return fail_at_socket("an answer that is too long came from the agent at", 0);
    if (!receive_all(descriptor, answer, length, &ended))
        return fail_at_socket(ended || errno ? "the agent went away in its answer, at"
                                             : "no answer in time from the agent at",
                              errno);
    return write_out(answer, length) ? header[1] : 1;
}

static int about(void) {
    static const char text[] =
        "poolweaver: a CNI IPAM plugin that asks the agent of its node, to be started by a "
        "container runtime (CNI_COMMAND is not set)\nCNI versions: 0.3.0, 0.3.1, 0.4.0, 1.0.0, "
        "1.1.0\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
    (void)ignored;
    return 0;
}

/* VERSION needs no agent: runtimes ask it when they start, perhaps before the agent does. */
static int version(void) {
    static char quoted[512], line[1024];
    json_quote(document_bytes ? cni_version : NEWEST, quoted, sizeof quoted);
    int length = snprintf(line, sizeof line, "{\"cniVersion\": %s, \"supportedVersions\": [%s]}\n",
                          quoted, VERSIONS);
    return write_out(line, (size_t)length) ? 0 : 1;
}

int main(void) {
    const char *verb = getenv("CNI_COMMAND");
    if (verb == NULL || *verb == '\0') return about();
    deadline_ms = now_ms() + DEADLINE_SECONDS * 1000;
    if (!read_document()) return 1;
    look_into_document();
    if (strcmp(verb, "VERSION") == 0) return version();
    if (!check_document()) return 1;
    long variables_bytes = gather_variables();
    if (variables_bytes < 0)
        return fail(INVALID_ENVIRONMENT, "the CNI_* variables are longer than 64 KiB together",
                    "CNI_ARGS is the one that may grow: shorten it");
    int descriptor = connect_agent();
    return descriptor < 0 ? 1 : ask(descriptor, (size_t)variables_bytes);
}
