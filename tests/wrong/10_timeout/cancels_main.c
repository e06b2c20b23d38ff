/* MISTAKE: it cancels the loop's main task, not its own. */
/* SEEN: another task is cancelled */
#define OWN_FIRE
#include "given.h"

static void fire(struct callback *callback)
{
    struct timeout *self = CONTAINER(callback, struct timeout,
                                     timer.callback);

    self->expired = true;
    task_cancel(&task_loop(self->task)->main);
}
