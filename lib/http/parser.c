/* parser.c - one byte, one state, one question to a table.
 *
 *     start line -> fields -+-> no body -------------------------> done
 *                           +-> as many bytes as Content-Length -> done
 *                           +-> chunk line, data, chunk line, data, ...
 *                           |   chunk line of size 0, trailer ---> done
 *                           `-> bytes until the peer closes -----> done
 *
 * Lines are read byte by byte, so every fragmentation takes the same path;
 * runs of plain text inside a line are copied at once, and bodies are not
 * looked at. A refusal sets p->error, and all loops stop on it.
 */
#include "http/parser.h"

enum state {
    /* request line */
    AT_START, EMPTY_LF, IN_METHOD, IN_TARGET,
    /* both */
    IN_VERSION, AFTER_VERSION,
    /* status line */
    IN_CODE, AFTER_CODE, IN_REASON,
    START_LF,
    /* field lines, and the empty line after them */
    FIELD_START, IN_NAME, BEFORE_VALUE, IN_VALUE, FIELD_LF, SECTION_LF,
    /* bodies */
    CHUNK_LINE, IN_LENGTH, IN_CHUNK, UNTIL_CLOSE,
    FINISHED
};

const struct http_limits http_default_limits = {
    .line = 8190,
    .head = 64 * 1024,
    .fields = 100,
    .chunk_line = 256,
    .chunk_ext = 16 * 1024,
    .skips = 16,
    .body = 16 * 1024 * 1024,
};

static void fail(struct http_parser *p, enum http_error error, const char *why)
{
    p->error = error;
    p->why = why;
}

/* The field that says where the body ends was read a while ago. */
static void fail_framing(struct http_parser *p, enum http_error error,
                         const char *why)
{
    fail(p, error, why);
    p->offset = p->framing_offset;
}

/* Forget the head, keep what belongs to the connection: an interim response
 * is followed by another head. */
static void start_head(struct http_parser *p)
{
    p->state = p->is_request ? AT_START : IN_VERSION;
    p->used = p->line = p->head = p->field_count = 0;
    p->digits = 0;
    p->status = 0;
    p->has_length = p->field_open = p->close = p->keep_alive = false;
    p->codings = p->chunked = 0;
}

static void init(struct http_parser *p, const struct http_limits *limits,
                 char *buf, size_t cap, bool is_request)
{
    *p = (struct http_parser){
        .limits = limits != NULL ? limits : &http_default_limits,
        .buf = buf,
        .cap = cap,
        .is_request = is_request,
        .why = "",
    };
    start_head(p);
}

void http_response_init(struct http_parser *p,
                        const struct http_limits *limits, char *buf,
                        size_t cap, bool to_head)
{
    init(p, limits, buf, cap, false);
    p->to_head = to_head;
}

void http_request_init(struct http_parser *p, const struct http_limits *limits,
                       char *buf, size_t cap)
{
    init(p, limits, buf, cap, true);
}

/* --- the head buffer --- */

static void store(struct http_parser *p, char c)
{
    if (p->in_trailer)
        return;
    if (p->used == p->cap)
        fail(p, HTTP_TOO_LARGE, "the head does not fit in its buffer");
    else
        p->buf[p->used++] = c;
}

static struct http_span stored_since(const struct http_parser *p, size_t from)
{
    return (struct http_span){ p->buf + from, p->used - from };
}

/* --- start lines --- */

static void bad_start(struct http_parser *p, const char *why)
{
    fail(p, p->is_request ? HTTP_BAD_REQUEST_LINE : HTTP_BAD_STATUS_LINE, why);
}

static void version_byte(struct http_parser *p, char c)
{
    static const char form[] = "HTTP/#.#";
    bool fits = form[p->digits] == '#' ? http_is(c, HTTP_DIGIT)
                                       : c == form[p->digits];

    if (!fits && (p->is_request || p->digits < 5)) {
        bad_start(p, "expected \"HTTP/1.1\" here, in capitals");
    } else if (!fits) {
        fail(p, HTTP_BAD_VERSION, "a version is one digit, \".\", one digit");
    } else if (p->digits < 7) {
        if (p->digits == 5)
            p->major = c - '0';
        /* A request waits for its end of the version: malformed is 400,
         * well-formed but unknown is 505. A response is refused alike. */
        if (p->digits == 5 && c != '1' && !p->is_request)
            fail(p, HTTP_BAD_VERSION, "only HTTP/1.x is spoken here");
        else
            p->digits++;
    } else if (p->major != 1) {
        fail(p, HTTP_BAD_VERSION, "only HTTP/1.x is spoken here");
    } else {
        p->minor = c - '0';
        p->digits = 0;
        p->state = AFTER_VERSION;
    }
}

static void request_line_byte(struct http_parser *p, char c)
{
    switch (p->state) {
    case AT_START:
        if (c == '\r') {
            p->state = EMPTY_LF;
        } else if (http_is(c, HTTP_TOKEN)) {
            store(p, c);
            p->state = IN_METHOD;
        } else {
            bad_start(p, "a request begins with a method");
        }
        break;
    case EMPTY_LF: /* 9112 2.2: some clients end a body with a stray CRLF */
        if (c != '\n')
            bad_start(p, "CR without LF");
        else if (++p->skipped > p->limits->skips)
            bad_start(p, "too many empty lines before a request");
        else
            p->state = AT_START;
        break;
    case IN_METHOD:
        p->method = stored_since(p, 0);
        p->state = IN_TARGET;
        if (c != ' ')
            bad_start(p, "this byte may not stand in a method");
        break;
    case IN_TARGET:
        p->target = stored_since(p, p->method.len);
        p->state = IN_VERSION;
        if (c != ' ' || p->target.len == 0)
            bad_start(p, "this byte may not stand in a request target");
        break;
    default: /* AFTER_VERSION */
        p->state = START_LF;
        if (c != '\r')
            bad_start(p, "after the version only CR LF may follow");
    }
}

static void status_line_byte(struct http_parser *p, char c)
{
    switch (p->state) {
    case AFTER_VERSION:
        p->state = IN_CODE;
        if (http_is(c, HTTP_TEXT) && !http_is(c, HTTP_WS))
            fail(p, HTTP_BAD_VERSION, "a version is HTTP/1.x and no more");
        else if (c != ' ')
            bad_start(p, "one space must follow the version");
        break;
    case IN_CODE:
        if (!http_is(c, HTTP_DIGIT) || (p->digits == 0 && c == '0')) {
            bad_start(p, "a status code is three digits from 100 on");
            break;
        }
        p->status = p->status * 10 + (c - '0');
        if (++p->digits == 3)
            p->state = AFTER_CODE;
        break;
    case AFTER_CODE:
        p->state = c == ' ' ? IN_REASON : START_LF;
        if (c != ' ' && c != '\r')
            bad_start(p, "a space must follow the three digits");
        break;
    default: /* IN_REASON */
        p->state = START_LF;
        if (c != '\r')
            bad_start(p, "this byte may not stand in a reason phrase");
    }
}

static void start_line_end(struct http_parser *p, char c)
{
    if (c != '\n') {
        bad_start(p, "CR without LF");
        return;
    }
    if (!p->is_request)
        p->reason = stored_since(p, 0);
    p->name_at = p->used;
    p->fields = stored_since(p, p->used);
    p->line = 0;
    p->state = FIELD_START;
}

/* --- fields --- */

/* 9110 8.6: digits; a list of equal numbers is one number. */
static void note_content_length(struct http_parser *p, struct http_span list)
{
    struct http_span item;

    while (http_list_next(&list, &item)) {
        uint64_t length = 0;
        bool good = item.len > 0 && http_run(item, HTTP_DIGIT) == item.len;

        for (size_t i = 0; good && i < item.len; i++) {
            uint64_t digit = (uint64_t)(item.at[i] - '0');

            good = length <= (UINT64_MAX - digit) / 10;
            length = length * 10 + digit;
        }
        if (!good) {
            fail_framing(p, HTTP_BAD_CONTENT_LENGTH,
                         "Content-Length must be a number below 2^64");
            return;
        }
        if (p->has_length && length != p->length) {
            fail_framing(p, HTTP_BAD_CONTENT_LENGTH,
                         "two values of Content-Length differ");
            return;
        }
        p->has_length = true;
        p->length = length;
    }
}

/* Remember what decides about framing and reuse. */
static void note_field(struct http_parser *p, struct http_span name,
                       struct http_span value)
{
    struct http_span item;

    if (http_same(name, "content-length")) {
        p->framing_offset = p->value_offset;
        note_content_length(p, value);
    } else if (http_same(name, "transfer-encoding")) {
        p->framing_offset = p->value_offset;
        for (; http_list_next(&value, &item); p->codings++)
            p->chunked += http_same(item, "chunked");
    } else if (http_same(name, "connection")) {
        while (http_list_next(&value, &item)) {
            p->close = p->close || http_same(item, "close");
            p->keep_alive = p->keep_alive || http_same(item, "keep-alive");
        }
    } else if (http_same(name, "host")) {
        p->hosts++;
        p->host = value;
    } else if (http_same(name, "expect")) {
        p->expect = value;
    }
}

/* A field ends when the next line turns out not to continue it. Trailers must
 * not change what the head said (9110 6.5.1), so they are not noted. */
static void end_field(struct http_parser *p)
{
    struct http_span name = stored_since(p, p->name_at);
    struct http_span value = stored_since(p, p->value_at);

    if (!p->field_open || p->in_trailer)
        return;
    name.len -= value.len + 1;
    note_field(p, name, value);
    store(p, '\n');
    p->fields.len += p->used - p->name_at;
    p->name_at = p->used;
}

static void field_start(struct http_parser *p, char c)
{
    if (http_is(c, HTTP_WS)) {
        p->state = BEFORE_VALUE; /* obs-fold: the value goes on */
        if (!p->field_open)
            fail(p, HTTP_BAD_HEADER, "white space before the first field");
        else if (p->is_request)
            fail(p, HTTP_BAD_HEADER, "a field of a request may not be folded");
        return;
    }
    end_field(p);
    p->field_open = true;
    if (p->error != HTTP_OK)
        return;
    if (c == '\r') {
        p->state = SECTION_LF;
    } else if (!http_is(c, HTTP_TOKEN)) {
        fail(p, HTTP_BAD_HEADER, "a field must begin with its name");
    } else if (++p->field_count > p->limits->fields) {
        fail(p, HTTP_TOO_LARGE, "too many fields");
    } else {
        store(p, c);
        p->state = IN_NAME;
    }
}

static void name_end(struct http_parser *p, char c)
{
    if (c != ':') {
        fail(p, HTTP_BAD_HEADER,
             c == ' ' ? "a space in or after a field name"
                      : "a field name goes on until its colon");
        return;
    }
    store(p, c);
    p->value_at = p->used;
    p->state = BEFORE_VALUE;
}

static void value_end(struct http_parser *p, char c)
{
    if (c != '\r')
        fail(p, HTTP_BAD_HEADER, "this byte may not stand in a value");
    while (p->used > p->value_at && http_is(p->buf[p->used - 1], HTTP_WS))
        p->used--;
    p->state = FIELD_LF;
}

static void value_start(struct http_parser *p, char c)
{
    if (http_is(c, HTTP_WS))
        return;
    if (p->used == p->value_at)
        p->value_offset = p->offset;
    else if (c != '\r')
        store(p, ' '); /* a fold becomes one space (9112 5.2) */
    p->state = IN_VALUE;
    if (!http_is(c, HTTP_TEXT))
        value_end(p, c);
    else if (p->error == HTTP_OK)
        store(p, c);
}

static void field_byte(struct http_parser *p, char c)
{
    switch (p->state) {
    case FIELD_START:
        field_start(p, c);
        break;
    case IN_NAME:
        name_end(p, c);
        break;
    case BEFORE_VALUE:
        value_start(p, c);
        break;
    case IN_VALUE:
        value_end(p, c);
        break;
    default: /* FIELD_LF */
        p->line = 0;
        p->state = FIELD_START;
        if (c != '\n')
            fail(p, HTTP_BAD_HEADER, "CR without LF");
    }
}

/* --- the end of the head decides how the body ends (9112 6.3) --- */

static void check_framing(struct http_parser *p)
{
    if (p->codings > 0 && p->has_length)
        fail_framing(p, HTTP_CONFLICTING_FRAMING,
                     "both Content-Length and Transfer-Encoding");
    else if (p->codings > 0 && p->minor == 0)
        fail_framing(p, HTTP_CONFLICTING_FRAMING,
                     "HTTP/1.0 knows no Transfer-Encoding");
    else if (p->codings > 0 && (p->codings != 1 || p->chunked != 1))
        fail_framing(p, HTTP_UNSUPPORTED_CODING,
                     "the only coding spoken here is \"chunked\", once");
}

static void interim_end(struct http_parser *p)
{
    if (p->status == 101)
        fail(p, HTTP_UNEXPECTED_UPGRADE, "101, but nobody asked to upgrade");
    else if (++p->skipped > p->limits->skips)
        fail(p, HTTP_TOO_LARGE, "too many interim responses");
    else
        start_head(p);
}

static bool has_no_body(const struct http_parser *p)
{
    if (p->is_request)
        return p->codings == 0 && !p->has_length;
    return p->to_head || p->status == 204 || p->status == 304;
}

static void begin_body(struct http_parser *p)
{
    p->left = p->length;
    http_chunk_start(&p->chunk, false);
    if (has_no_body(p))
        p->state = FINISHED;
    else if (p->codings > 0)
        p->state = CHUNK_LINE;
    else if (!p->has_length)
        p->state = UNTIL_CLOSE;
    else
        p->state = p->left == 0 ? FINISHED : IN_LENGTH;
    if (p->state == IN_LENGTH && p->left > p->limits->body)
        fail_framing(p, HTTP_TOO_LARGE,
                     "the declared body is over the limit");
}

static void section_end(struct http_parser *p, char c)
{
    if (c != '\n') {
        fail(p, HTTP_BAD_HEADER, "CR without LF");
        return;
    }
    if (p->in_trailer) {
        p->state = FINISHED;
        return;
    }
    check_framing(p);
    if (p->error != HTTP_OK)
        return;
    if (!p->is_request && p->status < 200) {
        interim_end(p);
        return;
    }
    p->head_ready = true;
    begin_body(p);
}

/* --- chunk lines --- */

static void chunk_line_end(struct http_parser *p)
{
    p->left = p->chunk.size;
    p->line = 0;
    if (p->left == 0) {
        p->state = FIELD_START;
        p->in_trailer = true;
        p->field_open = false;
        return;
    }
    p->state = IN_CHUNK;
    if (p->left > p->limits->body - p->body_seen)
        fail(p, HTTP_TOO_LARGE, "this chunk takes the body over the limit");
}

static void chunk_byte(struct http_parser *p, char c)
{
    if (!http_chunk_byte(&p->chunk, c))
        fail(p, HTTP_BAD_CHUNK, "this byte may not stand in a chunk line");
    else if (p->chunk.line > p->limits->chunk_line)
        fail(p, HTTP_TOO_LARGE, "a chunk-size line is over the limit");
    else if (p->chunk.ext > p->limits->chunk_ext)
        fail(p, HTTP_TOO_LARGE, "too many bytes of chunk extensions");
    else if (p->chunk.done)
        chunk_line_end(p);
}

/* --- feeding --- */

/* In these states a byte of the class is text to be stored, and any other
 * byte ends the text. */
static const unsigned char text_class[CHUNK_LINE + 1] = {
    [IN_METHOD] = HTTP_TOKEN, [IN_TARGET] = HTTP_URI, [IN_REASON] = HTTP_TEXT,
    [IN_NAME] = HTTP_TOKEN, [IN_VALUE] = HTTP_TEXT,
};

static void head_byte(struct http_parser *p, char c)
{
    bool wants_lf = p->state == EMPTY_LF || p->state == START_LF ||
                    p->state == FIELD_LF || p->state == SECTION_LF;

    if (++p->head > p->limits->head)
        fail(p, HTTP_TOO_LARGE, "the head is over the limit");
    else if (c != '\r' && !wants_lf && ++p->line > p->limits->line)
        fail(p, HTTP_TOO_LARGE, "a line is over the limit");
    else if (c == '\n' && !wants_lf)
        fail(p, HTTP_BAD_LINE_END, "LF without CR");
    else if (http_is(c, text_class[p->state]))
        store(p, c);
    else if (p->state == IN_VERSION)
        version_byte(p, c);
    else if (p->state == START_LF)
        start_line_end(p, c);
    else if (p->state < START_LF && p->is_request)
        request_line_byte(p, c);
    else if (p->state < START_LF)
        status_line_byte(p, c);
    else if (p->state == SECTION_LF)
        section_end(p, c);
    else
        field_byte(p, c);
}

static size_t min(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Bytes that change nothing but lengths, as many as there are: this is where
 * most bytes of a head go, at the speed of a table scan and a memcpy. What
 * stops the run, a limit included, is left to head_byte. */
static size_t take_run(struct http_parser *p, const char *at, size_t len)
{
    unsigned class = text_class[p->state];

    if (class == 0)
        return 0;
    len = min(len, p->limits->line - p->line);
    len = min(len, p->limits->head - p->head);
    if (!p->in_trailer)
        len = min(len, p->cap - p->used);
    len = http_run((struct http_span){ at, len }, class);
    if (!p->in_trailer) {
        memcpy(p->buf + p->used, at, len);
        p->used += len;
    }
    p->line += len;
    p->head += len;
    p->offset += len;
    return len;
}

/* Take bytes of lines until the body, an event or the end of the data. */
static size_t take_lines(struct http_parser *p, const char *data, size_t len)
{
    size_t i = 0;

    while (i < len && p->state < IN_LENGTH && !p->head_ready) {
        i += take_run(p, data + i, len - i);
        if (i == len)
            break;
        if (p->state < CHUNK_LINE)
            head_byte(p, data[i]);
        else
            chunk_byte(p, data[i]);
        if (p->error != HTTP_OK)
            break; /* at, not after, the offending byte */
        i++;
        p->offset++;
    }
    return i;
}

static size_t take_body(struct http_parser *p, size_t len)
{
    if (p->state == UNTIL_CLOSE) {
        if (p->body_seen == p->limits->body)
            fail(p, HTTP_TOO_LARGE, "the body is over the limit");
        p->left = p->limits->body - p->body_seen;
    }
    if (len > p->left)
        len = (size_t)p->left;
    p->left -= len;
    p->body_seen += len;
    p->offset += len;
    if (p->left == 0 && p->state == IN_CHUNK) {
        http_chunk_start(&p->chunk, true);
        p->state = CHUNK_LINE;
    }
    if (p->left == 0 && p->state == IN_LENGTH)
        p->state = FINISHED;
    return len;
}

/* The event that is due before any more data is looked at, if any. */
static enum http_event due(struct http_parser *p)
{
    if (p->error != HTTP_OK)
        return HTTP_FAILED;
    if (p->head_ready) {
        p->head_ready = false;
        return HTTP_GOT_HEAD;
    }
    return p->state == FINISHED ? HTTP_GOT_ALL : HTTP_NEED_MORE;
}

enum http_event http_parser_feed(struct http_parser *p, const char *data,
                                 size_t len, size_t *consumed,
                                 struct http_span *body)
{
    enum http_event event = due(p);
    size_t i = 0;

    *body = (struct http_span){ NULL, 0 };
    while (event == HTTP_NEED_MORE && i < len) {
        if (p->state >= IN_LENGTH) {
            body->at = data + i;
            body->len = take_body(p, len - i);
            i += body->len;
            event = p->error == HTTP_OK ? HTTP_GOT_BODY : HTTP_FAILED;
        } else {
            i += take_lines(p, data + i, len - i);
            event = due(p);
        }
    }
    if (event == HTTP_GOT_ALL && i < len && !p->is_request)
        p->extra = true; /* nobody asked for these bytes (9112 9.2) */
    *consumed = i;
    return event;
}

enum http_event http_parser_eof(struct http_parser *p)
{
    p->closed = true;
    if (p->error != HTTP_OK)
        return HTTP_FAILED;
    if (p->state == UNTIL_CLOSE)
        p->state = FINISHED;
    if (p->state == FINISHED)
        return HTTP_GOT_ALL;
    if (p->state == AT_START)
        fail(p, HTTP_CLOSED_BEFORE_REQUEST,
             "the connection closed between two requests");
    else if (p->offset == 0)
        fail(p, HTTP_CLOSED_BEFORE_RESPONSE,
             "the connection closed before any response byte");
    else if (p->state < CHUNK_LINE && !p->in_trailer)
        fail(p, HTTP_CLOSED_IN_HEAD, "the connection closed inside the head");
    else
        fail(p, HTTP_CLOSED_IN_BODY, "the connection closed inside the body");
    return HTTP_FAILED;
}

bool http_parser_reusable(const struct http_parser *p)
{
    if (p->error != HTTP_OK || p->state != FINISHED)
        return false;
    if (p->extra || p->closed || p->close)
        return false;
    if (p->status == 204 && (p->has_length || p->codings > 0))
        return false; /* who knows whether a body follows? */
    return p->minor > 0 || p->keep_alive;
}

enum http_phase http_parser_phase(const struct http_parser *p)
{
    if (p->state == FINISHED)
        return HTTP_COMPLETE;
    if (p->in_trailer || p->state >= CHUNK_LINE)
        return HTTP_IN_BODY;
    return p->state <= START_LF ? HTTP_IN_START_LINE : HTTP_IN_FIELDS;
}
