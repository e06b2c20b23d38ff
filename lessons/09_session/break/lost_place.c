/* lost_place.c - a pool that wakes a waiter and lets it look for the place
 * itself. Cancel that waiter in the turn between waking and running: the
 * place is free, the next in line sleeps on, and nobody will ever wake it.
 * (aiohttp had this until 3.10.)
 */
#include "loop/loop.h"

#include <stdio.h>

struct pool {
    bool taken;
    struct future *waiters[3];
    int first, last;
};

struct user {
    struct coro coro;
    struct pool *pool;
    const char *name;
    struct future woken;
    struct sleep sleep;
};
ASYNC_DECLARE(user);

static void release(struct pool *pool)
{
    pool->taken = false;
    if (pool->first < pool->last)
        future_set_result(pool->waiters[pool->first++]);
}

ASYNC(user)
{
    BEGIN;
    while (self->pool->taken) {
        future_init(&self->woken, task_loop(task), FUTURE_PLAIN);
        self->pool->waiters[self->pool->last++] = &self->woken;
        AWAIT_FUTURE(&self->woken); /* cancelled here: who is woken now? */
    }
    self->pool->taken = true;
    AWAIT(sleep, .delay_ns = SECONDS(1));
    printf("%s is served\n", self->name);
    release(self->pool);
    END;
}

struct show {
    struct coro coro;
    struct pool pool;
    struct user users[3];
    struct task tasks[3];
    int i;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    static const char *const names[] = { "A", "B", "C" };

    BEGIN;
    for (self->i = 0; self->i < 3; self->i++) {
        self->users[self->i] = (struct user){ CORO(user),
            .pool = &self->pool, .name = names[self->i] };
        task_create(task_loop(task), &self->tasks[self->i],
                    names[self->i], &self->users[self->i].coro);
    }
    AWAIT_FUTURE(&self->tasks[0].future);
    /* A is done and has woken B; B has not run yet. */
    task_cancel(&self->tasks[1]);
    AWAIT_FUTURE(&self->tasks[2].future);
    END;
}

int main(void)
{
    struct loop_options options = { .virtual_time = true, .log = stdout };
    struct show show = { CORO(show) };
    struct loop loop;
    struct error error;
    int code;

    if (loop_open(&loop, &options, &error) != 0)
        return 2;
    code = loop_run(&loop, &show.coro);
    loop_close(&loop);
    return code == E_DEADLOCK ? 1 : 0;
}
