/* MISTAKE: end_url is left out. */
/* SEEN: nobody is told of a URL: end_url */
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
        if (self->fetch_retry.coro.error == E_CANCELLED)
            RERAISE(E_CANCELLED);
    }
    END;
}
