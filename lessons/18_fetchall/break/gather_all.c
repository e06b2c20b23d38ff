/* gather_all.c - a list of 10,000 URLs, and gather, which takes them all: a
 * task, a frame and a slot for each, though a hundred are at work and the
 * others stand in line for a connection. Ten times the list is ten times
 * that. Beside it what fetchall takes, for any list.
 */
#include "11_gather/fetch_status.h"
#include "11_gather/gather.h"
#include "18_fetchall/fetchall.h"

#include "stage/origin.h"

#include <stdio.h>
#include <stdlib.h>

enum { URLS = 10000, LIMIT = 100 };

struct one {
    struct fetch_status fetch;
    struct task task;
};

struct show {
    struct coro coro;
    struct origin origin;
    struct session session;
    char url[64];
    struct one *all;
    struct gather_slot *slots;
    struct future **futures;
    struct gather gather;
    int turns;
    size_t at_work;
};
ASYNC_DECLARE(show);

static bool make(struct show *self, struct loop *loop)
{
    self->all = calloc(URLS, sizeof *self->all);
    self->slots = calloc(URLS, sizeof *self->slots);
    self->futures = calloc(URLS, sizeof(struct future *));
    if (self->all == NULL || self->slots == NULL || self->futures == NULL)
        return false;
    for (int i = 0; i < URLS; i++) {
        struct one *one = &self->all[i];

        one->fetch = (struct fetch_status){ CORO(fetch_status),
            .session = &self->session, .url = self->url };
        self->futures[i] = task_create(loop, &one->task, "fetch",
                                       &one->fetch.coro);
    }
    return true;
}

static void tell(const struct show *self)
{
    const double all = (double)URLS * (sizeof *self->all
                     + sizeof *self->slots + sizeof(struct future *));
    const double few = (double)LIMIT * sizeof(struct fetch_worker)
                     + sizeof(struct urls);

    printf("gather:   %d tasks, %zu at work, %.1f MB; of 100000 URLs: %.0f "
           "MB\n", URLS, self->at_work, all / 1e6,
           all / 1e6 * 100000 / URLS);
    printf("fetchall: %d workers, %.1f MB; of 100000 URLs: %.1f MB\n", LIMIT,
           few / 1e6, few / 1e6);
}

ASYNC(show)
{
    BEGIN;
    if (origin_start(&self->origin, task_loop(task), "127.0.0.1", 0,
                     &task->error) != 0)
        RERAISE(task->error.code);
    session_open(&self->session, task_loop(task), SESSION_DEFAULTS);
    snprintf(self->url, sizeof self->url, "http://127.0.0.1:%u/delay/1",
             self->origin.port);
    if (!make(self, task_loop(task)))
        RAISE(ENOMEM, "%d of them", URLS);
    gather(&self->gather, task_loop(task), self->slots, self->futures, URLS,
           GATHER_RETURN);
    for (; self->turns < 10; self->turns++)
        YIELD();
    self->at_work = self->session.in_use;
    tell(self);
    future_cancel(&self->gather.outer.future);
    CATCH_AWAIT_FUTURE(&self->gather.outer.future);
    session_shut(&self->session);
    END;
}

int main(void)
{
    static struct show show = { CORO(show) };
    struct loop_options options = { .virtual_time = true };
    struct loop loop;
    struct error error;
    int code;

    if (loop_open(&loop, &options, &error) != 0)
        return 2;
    code = loop_run(&loop, &show.coro);
    loop_close(&loop);
    free(show.all);
    free(show.slots);
    free(show.futures);
    return code != 0 && code != E_CANCELLED ? 2 : show.at_work == LIMIT;
}
