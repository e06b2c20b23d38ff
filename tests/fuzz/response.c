/* response.c - a response has one verdict, however it is cut, and a refusal
 * has a sentence and a place. */
#include "fuzz.h"

#include "replay.h"

#include <string.h>

static bool same(const struct outcome *a, const struct outcome *b)
{
    return a->complete == b->complete && a->error == b->error
        && a->status == b->status && a->reusable == b->reusable
        && a->body_len == b->body_len
        && strcmp(a->body_sha256, b->body_sha256) == 0
        && a->fields.len == b->fields.len
        && (a->fields.len == 0
            || memcmp(a->fields.at, b->fields.at, a->fields.len) == 0)
        && (a->complete || a->offset == b->offset);
}

static void check(struct http_span text, uint64_t seed, enum ending ending,
                  bool to_head)
{
    static struct outcome whole, cut;
    const struct cuts cuts[] = {
        { .way = RANDOM, .seed = seed },
        { .way = CUT_AT, .at = text.len == 0 ? 0 : seed % text.len },
        { .way = BYTES }
    };
    size_t ways = text.len < 600 ? 3 : 2; /* bytes of long texts are slow */

    replay_response(text, (struct cuts){ .way = WHOLE }, ending, to_head,
                    &whole);
    PROMISE(whole.offset <= text.len);
    PROMISE(whole.complete || whole.error == HTTP_TIMEOUT
            || whole.why[0] != '\0');
    for (size_t i = 0; i < ways; i++) {
        replay_response(text, cuts[i], ending, to_head, &cut);
        PROMISE(same(&whole, &cut));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_span text = { (const char *)data, size };
    uint64_t seed = fuzz_seed(data, size);

    check(text, seed, seed & 2 ? FIN : HOLD, false);
    if (seed % 8 == 1)
        check(text, seed, FIN, true);
    return 0;
}
