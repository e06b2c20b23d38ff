/* MISTAKE: a place that was never dialled is given back as a connection. */
/* SEEN: an empty place is given back as if it were a connection */
#define OWN_STOP_WAITING
#include "given.h"

void stop_waiting(struct acquire *self)
{
    if (self->link.next != NULL)
        list_remove(&self->link);
    if (self->pooled != NULL)
        session_release(self->pooled, true);
    self->pooled = NULL;
}
