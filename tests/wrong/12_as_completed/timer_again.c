/* MISTAKE: time is up, and the timer is started once more, with no time. */
/* SEEN: time_is_up (timer_again.c */
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
        wake_getter(self);
    }
    timer_start(self->loop, &self->timer, 0, time_is_up);
}
