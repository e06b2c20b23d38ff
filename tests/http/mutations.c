/* mutations.c - a small fuzzer that needs no luck: seeded and bounded.
 *
 *     mutations DIR      DIR holds responses, requests and urls tables, and
 *                        public/ID.bin
 *
 * Takes the case files, spoils them (bytes that matter to the grammar, cuts,
 * repeats, splices) and checks what must hold for any input: no crash, one
 * verdict for all fragmentations, an offset inside the input, and a sentence
 * with every refusal. URLs that are accepted must give requests that the
 * request parser accepts. About a second under a sanitizer.
 */
#include "http/url.h"
#include "http/writer.h"
#include "replay.h"
#include "table.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 6000, URL_ROUNDS = 40000, MAX = 24 * 1024 };

struct corpus {
    struct bytes *items;
    size_t count;
};

static uint64_t seed = 20240229; /* any number but 0 */

static size_t below(size_t n)
{
    return n == 0 ? 0 : (size_t)(next_random(&seed) >> 32) % n;
}

/* All cells of a column, or all files named by the ids. */
static bool load(struct corpus *corpus, const char *dir, const char *table,
                 const char *column)
{
    struct table cases;
    char path[1024];
    bool good = true;

    snprintf(path, sizeof path, "%s/%s.public.tsv", dir, table);
    if (!table_open(&cases, path))
        return false;
    corpus->count = cases.rows;
    corpus->items = calloc(cases.rows, sizeof *corpus->items);
    for (size_t i = 0; good && i < cases.rows; i++) {
        snprintf(path, sizeof path, "%s/public/%s.bin", dir,
                 table_cell(&cases, i, "id"));
        if (column != NULL)
            corpus->items[i] = unescape(table_cell(&cases, i, column));
        else
            good = read_file(path, &corpus->items[i]);
    }
    table_close(&cases);
    return good;
}

static void unload(struct corpus *corpus)
{
    for (size_t i = 0; i < corpus->count; i++)
        free(corpus->items[i].at);
    free(corpus->items);
}

/* One spoiled byte, range or joint. text has room for MAX bytes. */
static void spoil(struct bytes *text, const struct corpus *corpus)
{
    static const char special[] = "\r\n\t :;,=\"\\%#/@[]0159afgx\x7f\xff\0.-+";
    size_t at = below(text->len);
    size_t n = below(text->len - at < 12 ? text->len - at : 12);
    const struct bytes *other = &corpus->items[below(corpus->count)];
    size_t from = below(other->len);

    switch (below(5)) {
    case 0:
        if (text->len > 0)
            text->at[at] = special[below(sizeof special)];
        break;
    case 1: /* take a range out */
        memmove(text->at + at, text->at + at + n, text->len - at - n);
        text->len -= n;
        break;
    case 2: /* repeat a range */
        if (text->len + n > MAX)
            break;
        memmove(text->at + at + n, text->at + at, text->len - at);
        text->len += n;
        break;
    case 3: /* go on as another case does */
        if (other->len - from <= MAX - at) {
            memcpy(text->at + at, other->at + from, other->len - from);
            text->len = at + other->len - from;
        }
        break;
    default: /* insert a special byte */
        if (text->len == MAX)
            break;
        memmove(text->at + at + 1, text->at + at, text->len - at);
        text->at[at] = special[below(sizeof special)];
        text->len++;
    }
}

static struct http_span mutate(struct bytes *text, const struct corpus *corpus)
{
    const struct bytes *from = &corpus->items[below(corpus->count)];

    memcpy(text->at, from->at, from->len);
    text->len = from->len;
    for (size_t n = 1 + below(4); n > 0; n--)
        spoil(text, corpus);
    return (struct http_span){ text->at, text->len };
}

static void report(const char *promise, struct http_span text)
{
    printf("broken promise: %s\n", promise);
    for (size_t i = 0; i < text.len; i++)
        printf(http_is(text.at[i], HTTP_TEXT) && text.at[i] != '\\'
                   ? "%c" : "\\x%02x", (unsigned char)text.at[i]);
    printf("\n");
}

static bool same_outcome(const struct outcome *a, const struct outcome *b)
{
    return a->complete == b->complete && a->error == b->error &&
           a->status == b->status && a->reusable == b->reusable &&
           a->body_len == b->body_len &&
           strcmp(a->body_sha256, b->body_sha256) == 0 &&
           a->fields.len == b->fields.len &&
           (a->fields.len == 0 ||
            memcmp(a->fields.at, b->fields.at, a->fields.len) == 0) &&
           (a->complete || a->offset == b->offset);
}

static bool response_holds(struct http_span text)
{
    static struct outcome whole;
    static struct outcome cut;
    struct cuts cuts[] = { { .way = RANDOM, .seed = seed },
                           { .way = CUT_AT, .at = below(text.len) },
                           { .way = BYTES } };
    bool to_head = below(8) == 0;
    enum ending ending = below(2) == 0 ? HOLD : FIN;
    size_t ways = text.len < 600 ? 3 : 2; /* bytes of long texts are slow */

    replay_response(text, (struct cuts){ .way = WHOLE }, ending, to_head,
                    &whole);
    if (whole.offset > text.len)
        return false;
    if (!whole.complete && whole.error != HTTP_TIMEOUT &&
        whole.why[0] == '\0')
        return false;
    for (size_t i = 0; i < ways; i++) {
        replay_response(text, cuts[i], ending, to_head, &cut);
        if (!same_outcome(&whole, &cut))
            return false;
    }
    return true;
}

static bool request_holds(struct http_span text)
{
    static struct dialog whole;
    static struct dialog cut;

    replay_requests(text, (struct cuts){ .way = WHOLE }, &whole);
    replay_requests(text, (struct cuts){ .way = RANDOM, .seed = seed }, &cut);
    for (size_t i = 0; i < whole.answers && i < cut.answers; i++)
        if (whole.status[i] != cut.status[i] ||
            whole.body_len[i] != cut.body_len[i])
            return false;
    return whole.answers == cut.answers && whole.closed == cut.closed;
}

/* What we accept as a URL, we must accept as a request. */
static bool url_holds(struct http_span text)
{
    static struct dialog dialog;
    static char buf[HTTP_URL_MAX * 2];
    struct http_url url;
    struct http_writer w;

    if (http_url_parse(&url, text) != HTTP_OK)
        return url.why[0] != '\0' && url.offset <= text.len;
    http_write_request(&w, buf, sizeof buf, http_text("GET"), &url);
    http_write_field(&w, http_text("Connection"), http_text("close"));
    if (http_write_end(&w, 0) != HTTP_OK)
        return false;
    replay_requests((struct http_span){ buf, w.len },
                    (struct cuts){ .way = WHOLE }, &dialog);
    return dialog.answers == 1 && dialog.closed &&
           (dialog.status[0] == 200 || dialog.status[0] == 404 ||
            dialog.status[0] == 414);
}

/* Any two texts resolve to something that is no longer than both. */
static bool reference_holds(struct http_span text)
{
    size_t middle = below(text.len);
    size_t cap = text.len + 4; /* "//" and ":" and "/" */
    char *out = malloc(cap);
    size_t len = 0;

    if (out == NULL)
        abort();
    enum http_error error = http_url_resolve(
        (struct http_span){ text.at, middle },
        (struct http_span){ text.at + middle, text.len - middle }, out, cap,
        &len);
    free(out);
    return error == HTTP_OK && len <= cap;
}

static int test(const char *promise, bool (*holds)(struct http_span text),
                const struct corpus *corpus, size_t rounds)
{
    static char memory[MAX];
    struct bytes text = { memory, 0 };

    for (size_t i = 0; i < rounds; i++) {
        struct http_span mutant = mutate(&text, corpus);

        if (!holds(mutant)) {
            report(promise, mutant);
            return 1;
        }
    }
    printf("%s: %zu mutants\n", promise, rounds);
    return 0;
}

int main(int argc, char **argv)
{
    struct corpus responses, requests, urls;
    int broken = 0;

    if (argc != 2) {
        fprintf(stderr, "usage: mutations DIR\n");
        return 2;
    }
    if (!load(&responses, argv[1], "responses", NULL) ||
        !load(&requests, argv[1], "requests", NULL) ||
        !load(&urls, argv[1], "urls", "url"))
        return 2;
    broken += test("a_response_has_one_verdict_however_it_is_cut",
                   response_holds, &responses, ROUNDS);
    broken += test("requests_have_one_dialog_however_they_are_cut",
                   request_holds, &requests, ROUNDS);
    broken += test("an_accepted_url_makes_an_acceptable_request", url_holds,
                   &urls, URL_ROUNDS);
    broken += test("any_reference_resolves_within_its_buffer",
                   reference_holds, &urls, URL_ROUNDS);
    unload(&responses);
    unload(&requests);
    unload(&urls);
    return broken == 0 ? 0 : 1;
}
