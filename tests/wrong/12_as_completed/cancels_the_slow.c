/* MISTAKE: time is up, and it cancels the tasks that are not done. */
/* SEEN: a timeout cancels nobody */
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
        future_cancel(slot->future);
        self->timed_out++;
        wake_getter(self);
    }
}
