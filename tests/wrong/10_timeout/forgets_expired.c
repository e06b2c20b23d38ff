/* MISTAKE: the timer cancels and does not remember that it did. */
/* SEEN: nobody knows any more that the cancellation was ours */
#define OWN_FIRE
#include "given.h"

static void fire(struct callback *callback)
{
    struct timeout *self = CONTAINER(callback, struct timeout,
                                     timer.callback);

    task_cancel(self->task);
}
