/* MISTAKE: the timer's callback calls itself, not task_cancel. */
/* SEEN: nothing ends the calls of fire */
#define OWN_FIRE
#include "given.h"

static void fire(struct callback *callback)
{
    struct timeout *self = CONTAINER(callback, struct timeout,
                                     timer.callback);

    fire(callback);
    task_cancel(self->task);
    self->expired = true;
}
