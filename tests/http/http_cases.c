/* http_cases.c - judges lib/http by tables of cases.
 *
 *     http_cases KIND FILE.tsv DIR      KIND: see kinds[] below
 *
 * DIR holds ID.bin, the raw bytes of responses and requests. One line a case:
 * "ID pass" or "ID fail: expected ..., got ...". Messages are replayed whole,
 * byte by byte, cut at each offset, in 20 random fragmentations, and in a
 * small dirty buffer; all ways must give the one verdict. Exit status: 0 all
 * pass, 1 some fail, 2 usage or an unreadable file.
 */
#include "http/url.h"
#include "http/writer.h"
#include "replay.h"
#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct suite {
    struct table table;
    size_t row;
    const char *dir;
    bool failed;       /* the case of this row      */
    size_t failures;   /* cases                     */
};

static const char *cell(const struct suite *suite, const char *column)
{
    return table_cell(&suite->table, suite->row, column);
}

/* The first complaint about a case becomes its line. */
__attribute__((format(printf, 2, 3)))
static void complain(struct suite *suite, const char *format, ...)
{
    va_list args;

    if (suite->failed)
        return;
    suite->failed = true;
    printf("%s fail: ", cell(suite, "id"));
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
}

static struct http_span span(struct bytes bytes)
{
    return (struct http_span){ bytes.at, bytes.len };
}

static bool span_equal(struct http_span a, struct http_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static struct bytes read_raw(const struct suite *suite)
{
    char path[1024];
    struct bytes raw;

    snprintf(path, sizeof path, "%s/%s.bin", suite->dir, cell(suite, "id"));
    if (!read_file(path, &raw)) {
        perror(path);
        exit(2);
    }
    return raw;
}

/* --- the five ways --- */

static const char *const way_names[] = {
    [WHOLE] = "whole", [BYTES] = "byte by byte", [CUT_AT] = "cut in two",
    [RANDOM] = "random pieces", [SMALL_BUFFER] = "small buffer",
};

typedef void replay_fn(struct suite *suite, struct http_span raw,
                       struct cuts cuts);

/* All ways but one are linear; cutting at each offset is quadratic, so from
 * 10,000 bytes on only some thousand offsets are tried. */
static void replay_all_ways(struct suite *suite, replay_fn *replay)
{
    struct bytes raw = read_raw(suite);
    size_t step = raw.len < 10000 ? 1 : raw.len / 1000;

    replay(suite, span(raw), (struct cuts){ .way = WHOLE });
    replay(suite, span(raw), (struct cuts){ .way = BYTES });
    for (size_t at = 1; at < raw.len && !suite->failed; at += step)
        replay(suite, span(raw), (struct cuts){ .way = CUT_AT, .at = at });
    for (uint64_t seed = 1; seed <= 20; seed++)
        replay(suite, span(raw), (struct cuts){ .way = RANDOM, .seed = seed });
    replay(suite, span(raw), (struct cuts){ .way = SMALL_BUFFER });
    free(raw.at);
}

/* --- responses --- */

/* One code point to out, as a byte (Latin-1) or as UTF-8. */
static size_t put_code_point(char *out, unsigned code, bool utf8)
{
    if (!utf8 || code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    out[0] = (char)(0xc0 | (code >> 6 & 0x1f));
    out[1] = (char)(0x80 | (code & 0x3f));
    return 2;
}

/* A JSON string at **at, which is moved behind it; as bytes, in place of out.
 * Escapes below U+0800 only: the tables hold no others. */
static size_t json_string(const char **at, char *out, bool utf8)
{
    static const char names[] = "nrtbf";
    static const char values[] = "\n\r\t\b\f";
    size_t len = 0;

    for (++*at; **at != '"' && **at != '\0'; ++*at) {
        unsigned code = (unsigned char)**at;
        bool escaped = code == '\\' && *++*at != '\0';
        const char *name = escaped ? strchr(names, **at) : NULL;

        if (!escaped) {
            out[len++] = **at;
            continue;
        }
        code = (unsigned char)**at;
        if (code == 'u' && sscanf(*at + 1, "%4x", &code) == 1)
            *at += 4;
        else if (name != NULL)
            code = (unsigned char)values[name - names];
        len += put_code_point(out + len, code, utf8);
    }
    if (**at == '"')
        ++*at;
    return len;
}

/* Compare {"Name": "value", "Absent": null} with the fields. Values with
 * bytes over 0x7f may be meant either way, so both encodings count. */
static void check_headers(struct suite *suite, struct http_span fields)
{
    const char *at = strchr(cell(suite, "headers"), '"');
    char name[256];
    char want[2][9000];
    char got[9000];

    while (at != NULL) {
        name[json_string(&at, name, false)] = '\0';
        at += strspn(at, ": ");
        long len = http_field_join(fields, name, got, sizeof got);
        if (*at == 'n') {
            if (len >= 0)
                complain(suite, "expected no field %s, got one", name);
        } else {
            const char *again = at;
            struct http_span value = { got, len < 0 ? 0 : (size_t)len };
            struct http_span one = { want[0],
                                     json_string(&again, want[0], false) };
            struct http_span two = { want[1],
                                     json_string(&at, want[1], true) };

            if (len < 0 || (!span_equal(value, one) &&
                            !span_equal(value, two)))
                complain(suite, "expected %s: \"%.*s\", got \"%.*s\"", name,
                         (int)two.len, two.at, (int)value.len, value.at);
        }
        at = strchr(at, '"');
    }
}

static const char *expectation(const struct outcome *got)
{
    if (got->complete)
        return "accept";
    return got->error >= HTTP_CLOSED_BEFORE_REQUEST &&
                   got->error <= HTTP_RESET
               ? "incomplete"
               : "reject";
}

static void check_accepted(struct suite *suite, const struct outcome *got,
                           const char *way)
{
    const char *reuse = got->reusable ? "yes" : "no";

    if (got->status != atoi(cell(suite, "status")))
        complain(suite, "expected status %s, got %d (%s)",
                 cell(suite, "status"), got->status, way);
    if ((long long)got->body_len != atoll(cell(suite, "body_len")))
        complain(suite, "expected %s bytes of body, got %llu (%s)",
                 cell(suite, "body_len"), (unsigned long long)got->body_len,
                 way);
    if (strcmp(got->body_sha256, cell(suite, "body_sha256")) != 0)
        complain(suite, "expected body %s, got %s (%s)",
                 cell(suite, "body_sha256"), got->body_sha256, way);
    if (strcmp(cell(suite, "reuse"), reuse) != 0 &&
        strcmp(cell(suite, "reuse"), "-") != 0)
        complain(suite, "expected reuse %s, got %s (%s)",
                 cell(suite, "reuse"), reuse, way);
    check_headers(suite, got->fields);
}

static void response_once(struct suite *suite, struct http_span raw,
                          struct cuts cuts)
{
    static struct outcome got; /* 64 KiB are much for a stack */
    const char *end = cell(suite, "end");
    const char *expect = cell(suite, "expect");
    bool to_head = strcmp(cell(suite, "method"), "HEAD") == 0;
    const char *way = way_names[cuts.way];

    replay_response(raw, cuts,
                    strcmp(end, "fin") == 0   ? FIN
                    : strcmp(end, "rst") == 0 ? RST
                                              : HOLD,
                    to_head, &got);
    if (strcmp(expect, "any") == 0)
        return;
    if (strcmp(expect, expectation(&got)) != 0)
        complain(suite, "expected %s, got %s: %s, %s at byte %llu (%s)",
                 expect, expectation(&got), http_error_name(got.error),
                 got.why, (unsigned long long)got.offset, way);
    else if (got.complete)
        check_accepted(suite, &got, way);
    else if (strcmp(cell(suite, "error_class"),
                    http_error_name(got.error)) != 0)
        complain(suite, "expected %s, got %s: %s at byte %llu (%s)",
                 cell(suite, "error_class"), http_error_name(got.error),
                 got.why, (unsigned long long)got.offset, way);
}

static void response_case(struct suite *suite)
{
    replay_all_ways(suite, response_once);
}

/* --- requests --- */

/* Does an answer fit a part of the expectation: "200", "404 or 400", "200
 * (empty body)"? Any number named outside of parentheses will do. */
static bool answer_fits(const char *part, size_t len,
                        const struct dialog *got, size_t i)
{
    bool fits = false;

    for (size_t at = 0; at < len && part[at] != '('; at++)
        if (http_is(part[at], HTTP_DIGIT) &&
            (at == 0 || !http_is(part[at - 1], HTTP_TOKEN)))
            fits = fits || atoi(part + at) == got->status[i];
    const char *note = memchr(part, '(', len);
    if (note != NULL && strncmp(note, "(empty body)", 12) == 0)
        fits = fits && got->body_len[i] == 0;
    return fits;
}

/* How many times: "200 x3 in order" is three answers. */
static size_t times(const char *part, size_t len)
{
    for (size_t at = 1; at + 1 < len; at++)
        if (part[at - 1] == ' ' && part[at] == 'x' &&
            http_is(part[at + 1], HTTP_DIGIT))
            return (size_t)atoi(part + at + 1);
    return 1;
}

/* The part after ", " or " then ", or NULL. */
static const char *next_part(const char *part, size_t *len)
{
    const char *comma = strchr(part, ',');
    const char *then = strstr(part, " then ");
    const char *end = comma != NULL && (then == NULL || comma < then) ? comma
                                                                      : then;

    *len = end != NULL ? (size_t)(end - part) : strlen(part);
    if (end == NULL)
        return NULL;
    end += strspn(end, ", ");
    return strncmp(end, "then ", 5) == 0 ? end + 5 : end;
}

static bool dialog_fits(const char *expect, const struct dialog *got)
{
    size_t i = 0;

    while (expect != NULL && http_is(expect[0], HTTP_DIGIT)) {
        size_t len;
        const char *next = next_part(expect, &len);
        /* An interim answer is no answer: an origin may leave it out. */
        bool interim = expect[0] == '1' && next != NULL;

        for (size_t n = interim ? 0 : times(expect, len); n > 0; n--, i++)
            if (i == got->answers || !answer_fits(expect, len, got, i))
                return false;
        expect = next;
    }
    return i == got->answers;
}

static void request_once(struct suite *suite, struct http_span raw,
                         struct cuts cuts)
{
    static struct dialog got;
    const char *close = cell(suite, "then_close");
    char list[ANSWERS * 12 + 1] = "";
    size_t len = 0;

    replay_requests(raw, cuts, &got);
    for (size_t i = 0; i < got.answers; i++)
        len += (size_t)snprintf(list + len, sizeof list - len, "%d ",
                                got.status[i]);
    if (!dialog_fits(cell(suite, "expect"), &got))
        complain(suite, "expected %s, got %s(%s)", cell(suite, "expect"),
                 list, way_names[cuts.way]);
    else if (strcmp(close, "either") != 0 && strcmp(close, "-") != 0 &&
             strcmp(close, got.closed ? "yes" : "no") != 0)
        complain(suite, "expected close %s, got %s after %s(%s)", close,
                 got.closed ? "yes" : "no", list, way_names[cuts.way]);
}

static void request_case(struct suite *suite)
{
    replay_all_ways(suite, request_once);
}

/* --- URLs and references --- */

static void check_url(struct suite *suite, const struct http_url *url)
{
    struct bytes target = unescape(cell(suite, "target"));
    struct http_span want = span(target);
    struct http_span path = { want.at, url->path.len };
    struct http_span query = { want.at + path.len, url->query.len };

    if (url->host.len != strlen(cell(suite, "host")) ||
        !http_same(url->host, cell(suite, "host")))
        complain(suite, "expected host %s, got %.*s", cell(suite, "host"),
                 (int)url->host.len, url->host.at);
    if (url->port != atoi(cell(suite, "port")))
        complain(suite, "expected port %s, got %d", cell(suite, "port"),
                 url->port);
    if (path.len + query.len != want.len || !span_equal(url->path, path) ||
        !span_equal(url->query, query))
        complain(suite, "expected target %.60s, got %.*s%.*s", target.at,
                 (int)url->path.len, url->path.at, (int)url->query.len,
                 url->query.len > 0 ? url->query.at : "");
    free(target.at);
}

static void url_case(struct suite *suite)
{
    bool accept = strcmp(cell(suite, "expect"), "accept") == 0;
    struct bytes text = unescape(cell(suite, "url"));
    struct http_url url;
    enum http_error error = http_url_parse(&url, span(text));

    if (accept && error != HTTP_OK)
        complain(suite, "expected accept, got %s: %s at byte %zu",
                 http_error_name(error), url.why, url.offset);
    else if (accept)
        check_url(suite, &url);
    else if (strcmp(http_error_name(error), cell(suite, "error_class")) != 0)
        complain(suite, "expected %s, got %s", cell(suite, "error_class"),
                 http_error_name(error));
    free(text.at);
}

static void reference_case(struct suite *suite)
{
    struct bytes base = unescape(cell(suite, "base"));
    struct bytes ref = unescape(cell(suite, "ref"));
    struct bytes want = unescape(cell(suite, "resolved"));
    char out[HTTP_URL_MAX];
    size_t len = 0;
    enum http_error error = http_url_resolve(span(base), span(ref), out,
                                             sizeof out, &len);

    if (error != HTTP_OK)
        complain(suite, "expected %s, got %s", cell(suite, "resolved"),
                 http_error_name(error));
    else if (!span_equal((struct http_span){ out, len }, span(want)))
        complain(suite, "expected %s, got %.*s", cell(suite, "resolved"),
                 (int)len, out);
    free(base.at);
    free(ref.at);
    free(want.at);
}

/* --- outgoing --- */

/* "Name: value" as one text: what a caller may try to send. */
static enum http_error write_header(struct http_writer *w,
                                    struct http_span text)
{
    const char *colon = memchr(text.at, ':', text.len);
    size_t name = colon != NULL ? (size_t)(colon - text.at) : text.len;
    size_t skip = name + 2 < text.len ? name + 2 : text.len;

    return http_write_field(w, (struct http_span){ text.at, name },
                            (struct http_span){ text.at + skip,
                                                text.len - skip });
}

/* body-on-204, body-on-304, body-on-HEAD */
static enum http_error write_forbidden_body(struct http_writer *w, char *buf,
                                            size_t cap, const char *field,
                                            struct http_span body)
{
    bool to_head = strstr(field, "HEAD") != NULL;
    int status = to_head ? 200 : atoi(field + strlen("body-on-"));

    http_write_response(w, buf, cap, status, http_text("Fine"), to_head);
    http_write_end(w, to_head ? body.len : 0);
    return http_write_body(w, body);
}

static bool write_part(const char *field, struct http_span value,
                       enum http_error *error, char *buf, size_t cap)
{
    struct http_url url = { .host = http_text("a"), .path = http_text("/"),
                            .port = 80 };
    struct http_span method = http_text("GET");
    struct http_writer w;
    char number[32] = "";

    if (value.len < sizeof number)
        memcpy(number, value.at, value.len);
    if (strcmp(field, "method") == 0) {
        *error = http_write_request(&w, buf, cap, value, &url);
        return true;
    }
    if (strcmp(field, "target") == 0 || strcmp(field, "path") == 0) {
        url.path = value;
        *error = http_write_request(&w, buf, cap, method, &url);
        return true;
    }
    if (strcmp(field, "url") == 0) {
        *error = http_url_parse(&url, value);
        return true;
    }
    if (strcmp(field, "status") == 0) {
        bool digits = http_run(value, HTTP_DIGIT) == value.len;

        *error = http_write_response(&w, buf, cap, digits ? atoi(number) : -1,
                                     http_text("OK"), false);
        return true;
    }
    if (strcmp(field, "reason") == 0) {
        *error = http_write_response(&w, buf, cap, 200, value, false);
        return true;
    }
    if (strncmp(field, "body-on-", 8) == 0) {
        *error = write_forbidden_body(&w, buf, cap, field, value);
        return true;
    }
    http_write_request(&w, buf, cap, method, &url);
    if (strcmp(field, "header-name") == 0)
        *error = http_write_field(&w, value, http_text("v"));
    else if (strcmp(field, "header-value") == 0)
        *error = http_write_field(&w, http_text("X-A"), value);
    else if (strcmp(field, "header") == 0)
        *error = write_header(&w, value);
    else
        return false;
    return true;
}

static void outgoing_case(struct suite *suite)
{
    struct bytes value = unescape(cell(suite, "value"));
    const char *want = cell(suite, "error_class");
    enum http_error error = HTTP_OK;
    static char buf[HEAD_CAP];

    if (strcmp(cell(suite, "expect"), "accept") == 0)
        want = "none";
    if (!write_part(cell(suite, "field"), span(value), &error, buf,
                    sizeof buf))
        complain(suite, "expected %s, got a field that is unknown here: %s",
                 want, cell(suite, "field"));
    else if (strcmp(http_error_name(error), want) != 0)
        complain(suite, "expected %s, got %s", want, http_error_name(error));
    free(value.at);
}

/* --- scenarios: what a peer does, not what it says --- */

/* Which test plays which scenario: a program beside ours and the promise it
 * is asked to keep. A scenario that is not here has no script. */
static const struct {
    const char *id, *program, *test;
} plays[] = {
    { "SCN-01", "test_09_session",
      "an_idle_connection_that_the_peer_closed_is_not_handed_out" },
    { "SCN-02", "test_09_session",
      "a_get_on_a_connection_that_dies_unanswered_goes_once_more" },
    { "SCN-03", "test_09_session",
      "a_post_on_a_connection_that_dies_unanswered_is_not_sent_again" },
    { "SCN-07", "test_09_session",
      "an_idle_connection_with_stray_bytes_is_not_handed_out" },
    { "SCN-11", "test_09_session",
      "at_most_limit_in_use_and_the_rest_in_order__H01_H05" },
    { "SCN-12", "test_09_session",
      "no_place_is_lost_in_many_rounds_of_cancelled_waiters__H06_H07" },
    { "SCN-13", "test_09_session",
      "cancelled_in_the_middle_of_a_body_the_connection_is_closed__H03_H10" },
    { "SCN-16", "test_10_timeout", "sock_connect_is_connecting_alone__H13" },
    { "SCN-17", "test_15_resolve",
      "a_lookup_that_takes_too_long_is_given_up_at_once_and_freed_later" },
    { "SCN-17", "test_15_resolve",
      "a_late_result_is_freed_as_soon_as_it_comes_and_nothing_is_watched" },
    { "SCN-18", "test_10_timeout", "a_drip_does_not_start_total_anew__H11" },
    { "SCN-23", "test_10_timeout",
      "at_the_same_instant_an_older_limit_wins__WF12" },
    { "SCN-23", "test_10_timeout",
      "at_the_same_instant_an_older_sleep_wins__WF12" },
    { "SCN-24", "test_09_session",
      "nine_redirects_are_followed_the_tenth_is_too_many__H22" },
    { "SCN-26", "test_09_session",
      "a_redirect_to_another_scheme_is_refused__H22" },
    { "SCN-29", "test_09_session",
      "credentials_stay_with_the_origin_they_were_given_for" },
    { "SCN-30", "test_08_get", "cancel_at_every_suspension" },
    { "SCN-33", "test_11_gather",
      "with_return_it_ends_when_all_children_have__G09" },
    { "SCN-37", "test_07_accept",
      "sigint_at_each_turn_of_a_server_with_three_clients__X01" },
    { "SCN-38", "lib_net",
      "without_descriptors_accept_does_not_spin_and_recovers" },
    { "SCN-40", "test_origin",
      "slow_heads_end_with_408_and_nobody_waits_for_them" },
    { "SCN-45", "lib_timer",
      "the_shortest_and_longest_delays_work_on_the_real_clock" },
    { "SCN-45", "lib_timer", "a_huge_delay_does_not_wrap_into_the_past" },
    { "SCN-47", "lib_death", "an_fd_that_somebody_waits_for_is_not_closed" },
    { "SCN-50", "lib_poller",
      "an_fd_beyond_FD_SETSIZE_is_refused_by_select_alone" },
};

static const char *bin = "."; /* the folder of this program */

static bool keeps(const char *program, const char *test)
{
    char command[1024];

    snprintf(command, sizeof command, "'%s/%s' %s > /dev/null 2>&1", bin,
             program, test);
    return system(command) == 0;
}

/* All three pollers, the same scenarios, the same traces. */
static bool same_on_all_pollers(void)
{
    return keeps("test_09_session", "") && keeps("lib_poller", "")
        && setenv("LAB_POLLER", "select", 1) == 0
        && keeps("test_09_session", "") && keeps("lib_poller", "")
        && setenv("LAB_POLLER", "epoll", 1) == 0
        && keeps("test_09_session", "") && keeps("lib_poller", "")
        && unsetenv("LAB_POLLER") == 0;
}

static void scenario_case(struct suite *suite)
{
    const char *id = cell(suite, "id");
    bool played = strcmp(id, "SCN-52") == 0;

    if (played && !same_on_all_pollers())
        complain(suite, "expected the same on select, poll and epoll, "
                 "got a difference");
    for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++) {
        if (strcmp(plays[i].id, id) != 0)
            continue;
        played = true;
        if (!keeps(plays[i].program, plays[i].test))
            complain(suite, "expected %s to pass, got a failure (run %s %s)",
                     plays[i].test, plays[i].program, plays[i].test);
    }
    if (!played)
        complain(suite, "expected %s, got no script for it",
                 cell(suite, "title"));
}

/* --- the program --- */

static const struct kind {
    const char *name;
    void (*judge)(struct suite *suite);
} kinds[] = {
    { "responses", response_case }, { "requests", request_case },
    { "urls", url_case },           { "references", reference_case },
    { "outgoing", outgoing_case },  { "scenarios", scenario_case },
};

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: http_cases KIND FILE.tsv DIR\n");
        return 2;
    }
    char *slash = strrchr(argv[0], '/');

    if (slash != NULL) {
        *slash = '\0';
        bin = argv[0];
    }
    const struct kind *kind = find_kind(argv[1]);
    struct suite suite = { .dir = argv[3] };
    if (kind == NULL) {
        fprintf(stderr, "http_cases: there is no kind \"%s\"\n", argv[1]);
        return 2;
    }
    if (!table_open(&suite.table, argv[2]))
        return 2;
    for (; suite.row < suite.table.rows; suite.row++) {
        suite.failed = false;
        kind->judge(&suite);
        suite.failures += suite.failed;
        if (!suite.failed)
            printf("%s pass\n", cell(&suite, "id"));
    }
    printf("%s: %zu of %zu pass\n", kind->name,
           suite.table.rows - suite.failures, suite.table.rows);
    table_close(&suite.table);
    return suite.failures == 0 ? 0 : 1;
}
