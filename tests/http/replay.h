/* replay.h - what a client, or an origin, makes of bytes that arrive in
 * pieces. No sockets: the pieces are cut here.
 *
 * Each piece is handed over in memory of exactly its size, so an address
 * sanitizer sees a parser that looks further; the last way hands over single
 * bytes in a small buffer whose other bytes would do harm if looked at.
 */
#ifndef TESTS_HTTP_REPLAY_H
#define TESTS_HTTP_REPLAY_H

#include "http/error.h"
#include "http/field.h"

#include <stdbool.h>
#include <stdint.h>

enum way { WHOLE, BYTES, CUT_AT, RANDOM, SMALL_BUFFER };

struct cuts {
    enum way way;
    size_t at;     /* CUT_AT: length of the first piece */
    uint64_t seed; /* RANDOM: not 0                     */
};

/* A small random number generator (xorshift64*), the same everywhere. */
uint64_t next_random(uint64_t *seed);

enum ending { HOLD, FIN, RST };

enum { HEAD_CAP = 64 * 1024, ANSWERS = 32 };

/* What became of a response. */
struct outcome {
    bool complete;
    enum http_error error; /* when not complete                         */
    const char *why;
    uint64_t offset;
    int status;
    bool reusable;
    uint64_t body_len;
    char body_sha256[17];
    struct http_span fields; /* into head, below */
    char head[HEAD_CAP];
};

void replay_response(struct http_span bytes, struct cuts cuts,
                     enum ending ending, bool to_head, struct outcome *out);

/* What an origin answered to the requests in the bytes. */
struct dialog {
    size_t answers;
    int status[ANSWERS];
    uint64_t body_len[ANSWERS]; /* of the request                       */
    bool closed;                /* the origin closed after the last one */
    char head[HEAD_CAP];
};

void replay_requests(struct http_span bytes, struct cuts cuts,
                     struct dialog *out);

#endif
