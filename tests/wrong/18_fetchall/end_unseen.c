/* MISTAKE: the end of the list is not looked at. */
/* SEEN: nobody looks at next_url.ended */
#define OWN_FETCH_WORKER
#include "given.h"

ASYNC(fetch_worker)
{
    BEGIN;
    for (;;) {
        AWAIT(next_url, .urls = self->all->urls, .url = &self->url);
        hire(self->all);
        begin_url(self, task);
        CATCH_AWAIT(fetch_retry, .ask = &self->ask,
                    .retry = self->all->retry);
        end_url(self, task);
        if (self->fetch_retry.coro.error == E_CANCELLED)
            RERAISE(E_CANCELLED);
    }
    END;
}
