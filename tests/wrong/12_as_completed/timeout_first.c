/* MISTAKE: take gives the timeouts before the results. */
/* SEEN: timeouts are given before results that came in time */
#define OWN_TAKE
#include "given.h"

static void take(struct next_completed *self)
{
    struct as_completed *from = self->from;

    if (from->timed_out > 0) {
        from->timed_out--;
        return;
    }
    self->future = CONTAINER(from->finished.next, struct completed,
                             link)->future;
    list_remove(from->finished.next);
}
