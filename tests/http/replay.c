/* replay.c - the loops that every user of the parser has: see replay.h. */
#include "replay.h"

#include "http/parser.h"
#include "http/request.h"
#include "sha256.h"

#include <stdlib.h>

uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * 0x2545f4914f6cdd1dULL;
}

static size_t piece_length(struct cuts *cuts, size_t at, size_t len)
{
    size_t left = len - at;

    if (cuts->way == BYTES || cuts->way == SMALL_BUFFER)
        return 1;
    if (cuts->way == CUT_AT && at < cuts->at && cuts->at < len)
        return cuts->at - at;
    if (cuts->way == RANDOM) {
        size_t n = 1 + (size_t)(next_random(&cuts->seed) >> 32) % 40;
        return n < left ? n : left;
    }
    return left;
}

/* The next piece, in memory of its own that the caller frees. */
static struct http_span next_piece(struct http_span bytes, size_t at,
                                   struct cuts *cuts)
{
    size_t len = piece_length(cuts, at, bytes.len);
    char *piece = malloc(cuts->way == SMALL_BUFFER ? 8 : len);

    if (piece == NULL)
        abort();
    if (cuts->way == SMALL_BUFFER)
        memcpy(piece, "?\r\n\r\n0\r\n", 8);
    memcpy(piece, bytes.at + at, len);
    return (struct http_span){ piece, len };
}

static void free_piece(struct http_span piece)
{
    /* The span promises not to write; this memory is ours all the same. */
    union { const char *in; char *out; } memory = { piece.at };

    free(memory.out);
}

/* --- responses --- */

/* Pull events until the piece is used up or the response has ended. */
static enum http_event feed_piece(struct http_parser *p,
                                  struct http_span piece, struct sha256 *hash)
{
    enum http_event event;
    struct http_span body;
    size_t used;

    do {
        event = http_parser_feed(p, piece.at, piece.len, &used, &body);
        piece.at += used;
        piece.len -= used;
        if (event == HTTP_GOT_BODY)
            sha256_add(hash, body.at, body.len);
    } while (event == HTTP_GOT_HEAD || event == HTTP_GOT_BODY);
    return event;
}

void replay_response(struct http_span bytes, struct cuts cuts,
                     enum ending ending, bool to_head, struct outcome *out)
{
    struct http_parser p;
    struct sha256 hash;
    enum http_event event = HTTP_NEED_MORE;
    size_t at = 0;

    http_response_init(&p, NULL, out->head, sizeof out->head, to_head);
    sha256_start(&hash);
    while (at < bytes.len && event != HTTP_FAILED) {
        struct http_span piece = next_piece(bytes, at, &cuts);

        at += piece.len;
        event = feed_piece(&p, piece, &hash);
        free_piece(piece);
    }
    if (event != HTTP_FAILED && ending != HOLD) {
        /* A reset is no end of a body, but harmless after the end. */
        if (ending == FIN || event == HTTP_GOT_ALL)
            event = http_parser_eof(&p);
    }
    out->complete = event == HTTP_GOT_ALL;
    out->error = p.error;
    if (event == HTTP_NEED_MORE)
        out->error = ending == RST ? HTTP_RESET : HTTP_TIMEOUT;
    out->why = p.why;
    out->offset = p.offset;
    out->status = p.status;
    out->reusable = http_parser_reusable(&p);
    out->body_len = p.body_seen;
    out->fields = p.fields;
    sha256_end(&hash, out->body_sha256);
}

/* --- requests --- */

struct origin {
    struct http_parser parser;
    struct http_answer answer; /* to the request that is being read */
    struct dialog *dialog;
};

static void start_request(struct origin *origin)
{
    http_request_init(&origin->parser, NULL, origin->dialog->head, HEAD_CAP);
}

/* The router of a very small origin. */
static int route(const struct http_url *url)
{
    static const char *const known[] = { "/", "/x", "/echo" };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (url->path.len == strlen(known[i]) &&
            memcmp(url->path.at, known[i], url->path.len) == 0)
            return 200;
    return 404;
}

static void give_answer(struct origin *origin, int status, bool then_close)
{
    struct dialog *dialog = origin->dialog;

    if (dialog->answers < ANSWERS) {
        dialog->status[dialog->answers] = status;
        dialog->body_len[dialog->answers] = origin->parser.body_seen;
        dialog->answers++;
    }
    dialog->closed = then_close;
}

static void judge(struct origin *origin)
{
    struct http_url url;

    origin->answer = http_request_judge(&origin->parser, &url);
    if (origin->answer.then_close)
        give_answer(origin, origin->answer.status, true);
    else if (origin->answer.status == 0)
        origin->answer.status = route(&url);
}

static void serve_piece(struct origin *origin, struct http_span piece)
{
    struct http_parser *p = &origin->parser;
    struct http_span body;
    enum http_event event;
    size_t used;

    do {
        event = http_parser_feed(p, piece.at, piece.len, &used, &body);
        piece.at += used;
        piece.len -= used;
        if (event == HTTP_GOT_HEAD || event == HTTP_FAILED)
            judge(origin);
        if (event == HTTP_GOT_ALL) {
            give_answer(origin, origin->answer.status,
                        !http_parser_reusable(p));
            start_request(origin);
        }
    } while (event != HTTP_NEED_MORE && !origin->dialog->closed);
}

void replay_requests(struct http_span bytes, struct cuts cuts,
                     struct dialog *out)
{
    struct origin origin = { .dialog = out };

    out->answers = 0;
    out->closed = false;
    start_request(&origin);
    for (size_t at = 0; at < bytes.len && !out->closed;) {
        struct http_span piece = next_piece(bytes, at, &cuts);

        at += piece.len;
        serve_piece(&origin, piece);
        free_piece(piece);
    }
    /* The client closes its half: that cuts a request short, or is polite. */
    if (!out->closed && http_parser_eof(&origin.parser) == HTTP_FAILED &&
        origin.parser.error != HTTP_CLOSED_BEFORE_REQUEST)
        judge(&origin);
}
