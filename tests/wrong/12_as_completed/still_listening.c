/* MISTAKE: a slot whose time was up keeps its callback. */
/* SEEN: still listens to those whose time was up */
#define OWN_TIME_IS_UP
#include "given.h"

static void time_is_up(struct callback *callback)
{
    struct as_completed *self = CONTAINER(callback, struct as_completed,
                                          timer.callback);

    LIST_EACH(&self->todo, link) {
        list_remove(link);
        self->timed_out++;
        wake_getter(self);
    }
}
