/* MISTAKE: it hires before it has a URL: so does who is hired. */
/* SEEN: who is hired hires before it has a URL */
#define OWN_FETCH_WORKER
#include "given.h"

ASYNC(fetch_worker)
{
    BEGIN;
    for (;;) {
        hire(self->all);
        AWAIT(next_url, .urls = self->all->urls, .url = &self->url);
        if (self->next_url.ended)
            RETURN();
        begin_url(self, task);
        CATCH_AWAIT(fetch_retry, .ask = &self->ask,
                    .retry = self->all->retry);
        end_url(self, task);
        if (self->fetch_retry.coro.error == E_CANCELLED)
            RERAISE(E_CANCELLED);
    }
    END;
}
