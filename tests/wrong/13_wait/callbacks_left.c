/* MISTAKE: the callbacks stay in the children that are pending. */
/* SEEN: a child that is still pending keeps its callback */
#define OWN_LET_GO
#include "given.h"

static void let_go(struct wait *self)
{
    timer_stop(self->waiter.loop, &self->timer);
}
