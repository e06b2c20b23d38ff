/* MISTAKE: a connection that it was given is closed when it passes its place
   on. */
/* SEEN: a connection in good order is thrown away */
#define OWN_STOP_WAITING
#include "given.h"

void stop_waiting(struct acquire *self)
{
    if (self->link.next != NULL)
        list_remove(&self->link);
    if (self->pooled != NULL)
        session_release(self->pooled, false);
    self->pooled = NULL;
}
