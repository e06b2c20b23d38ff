/* MISTAKE: take counts the turn, too. */
/* SEEN: a turn is counted off twice */
#define OWN_TAKE
#include "given.h"

static void take(struct next_completed *self)
{
    struct as_completed *from = self->from;

    if (list_empty(&from->finished)) {
        from->timed_out--;
        return;
    }
    self->future = CONTAINER(from->finished.next, struct completed,
                             link)->future;
    list_remove(from->finished.next);
    from->turns--;
}
