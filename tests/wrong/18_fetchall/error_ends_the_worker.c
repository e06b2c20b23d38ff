/* MISTAKE: AWAIT: a URL that fails ends its worker, and the group. */
/* SEEN: a URL that fails ends its worker */
#define OWN_FETCH_WORKER
#include "given.h"

ASYNC(fetch_worker)
{
    BEGIN;
    for (;;) {
        AWAIT(next_url, .urls = self->all->urls, .url = &self->url);
        if (self->next_url.ended)
            RETURN();
        hire(self->all);
        begin_url(self, task);
        AWAIT(fetch_retry, .ask = &self->ask,
                    .retry = self->all->retry);
        end_url(self, task);
        if (self->fetch_retry.coro.error == E_CANCELLED)
            RERAISE(E_CANCELLED);
    }
    END;
}
