/* request.c - pipelined requests get the same answers, however they are
 * cut. */
#include "fuzz.h"

#include "replay.h"

static void check(const struct dialog *a, const struct dialog *b)
{
    PROMISE(a->answers == b->answers && a->closed == b->closed);
    for (size_t i = 0; i < a->answers; i++)
        PROMISE(a->status[i] == b->status[i]
                && a->body_len[i] == b->body_len[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct dialog whole, cut;
    struct http_span text = { (const char *)data, size };
    uint64_t seed = fuzz_seed(data, size);

    replay_requests(text, (struct cuts){ .way = WHOLE }, &whole);
    replay_requests(text, (struct cuts){ .way = RANDOM, .seed = seed }, &cut);
    check(&whole, &cut);
    if (size < 600) {
        replay_requests(text, (struct cuts){ .way = BYTES }, &cut);
        check(&whole, &cut);
    }
    return 0;
}
