/* MISTAKE: it asks again and again whether the thread is done. */
/* SEEN: in_thread goes round at asks_the_thread.c */
#define OWN_IN_THREAD
#include "given.h"

ASYNC(in_thread)
{
    BEGIN;
    if (self->executor->closed) {
        self->refused = E_CLOSED;
    } else if (submit(self, &task->error) != 0) {
        self->discard(self->arg);
        RERAISE(task->error.code);
    } else {
        while (!future_done(&self->done))
            continue;
        CATCH_AWAIT_FUTURE(&self->done);
        if (task->outcome != 0) {
            let_go(self);
            RERAISE(task->outcome);
        }
    }
    if (self->refused != 0) {
        self->discard(self->arg);
        RERAISE(refuse(self, &task->error));
    }
    END;
}
