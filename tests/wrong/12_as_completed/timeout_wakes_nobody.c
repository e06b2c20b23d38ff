/* MISTAKE: time is up, and those who wait are not woken. */
/* SEEN: time is up and nobody is woken */
#define OWN_TIME_IS_UP
#include "given.h"

static void time_is_up(struct callback *callback)
{
    struct as_completed *self = CONTAINER(callback, struct as_completed,
                                          timer.callback);

    LIST_EACH(&self->todo, link) {
        struct completed *slot = CONTAINER(link, struct completed, link);

        future_remove_callback(slot->future, &slot->done);
        list_remove(link);
        self->timed_out++;
    }
}
