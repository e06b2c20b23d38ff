/* MISTAKE: it tries again at once. */
/* SEEN: it tries again at once */
#define OWN_PAUSE_NS
#include "given.h"

static int64_t pause_ns(const struct fetch_retry *self)
{
    (void)self;
    return 0;
}
