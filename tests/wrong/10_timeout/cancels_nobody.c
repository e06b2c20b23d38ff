/* MISTAKE: the timer only remembers that time was up. */
/* SEEN: nobody cancels the body */
#define OWN_FIRE
#include "given.h"

static void fire(struct callback *callback)
{
    struct timeout *self = CONTAINER(callback, struct timeout,
                                     timer.callback);

    self->expired = true;
}
