/* MISTAKE: a worker leaves after one URL. */
/* SEEN: a worker leaves after its URL */
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
        CATCH_AWAIT(fetch_retry, .ask = &self->ask,
                    .retry = self->all->retry);
        end_url(self, task);
        RERAISE(self->fetch_retry.coro.error == E_CANCELLED
                ? E_CANCELLED : 0);
    }
    END;
}
