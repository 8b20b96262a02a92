/* What client and agent say to each other: one question and one answer a connection.
 *
 *   question   version  u8
 *              variables_bytes, document_bytes  u32, big-endian
 *              variables   NAME=VALUE of each CNI_* variable, each ended by a NUL
 *              document    standard input, as it came
 *   answer     version  u8
 *              exit_code  u8
 *              document_bytes  u32, big-endian
 *              document    for standard output; none if empty
 *
 * A client asks in the lowest version that says what it has to say. An agent answers in the version
 * it was asked in, and knows every version up to its own; to a higher one it answers its own version
 * with exit code UNKNOWN_VERSION and no document. So either may be upgraded first. ipam/protocol.py
 * is the agent's half.
 */
#ifndef POOLWEAVER_PROTOCOL_H
#define POOLWEAVER_PROTOCOL_H

#define PROTOCOL_VERSION 1
#define QUESTION_HEADER_BYTES 9
#define ANSWER_HEADER_BYTES 6
#define UNKNOWN_VERSION 255
#define MOST_VARIABLES_BYTES (64 * 1024)
#define MOST_DOCUMENT_BYTES (1024 * 1024)

#endif
