/* storm.c - a server does 20 requests a second and says 503 to the rest.
 * Two hundred clients come at once, and try again after 1, 2, 4, 8, 16, 16,
 * ... s, as they were told in every course: each time they come back as one.
 * The same with a draw of the jitter for each pause. Only the clients are
 * coroutines; the server is a count for each second.
 */
#include "18_fetchall/jitter.h"
#include "loop/loop.h"

#include <stdio.h>

enum { CLIENTS = 200, A_SECOND = 20, SECONDS_MOST = 1000 };

static int came[SECONDS_MOST];
static struct jitter jitter;

struct client {
    struct coro coro;
    bool jitters;
    int tries;
    struct task task;
    struct sleep sleep;
};
ASYNC_DECLARE(client);

static bool served(const struct loop *loop)
{
    int *now = &came[loop_now(loop) / SECONDS(1) % SECONDS_MOST];

    ++*now;
    return *now <= A_SECOND;
}

static int64_t pause_ns(const struct client *self)
{
    int seconds = self->tries < 5 ? 1 << (self->tries - 1) : 16;

    return (int64_t)((self->jitters ? jitter.draw(&jitter) : 1) * seconds
                     * 1e9);
}

ASYNC(client)
{
    BEGIN;
    for (;;) {
        self->tries++;
        if (served(task_loop(task)))
            break;
        AWAIT(sleep, .delay_ns = pause_ns(self));
    }
    END;
}

struct show {
    struct coro coro;
    bool jitters;
    int i;
    struct client clients[CLIENTS];
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    for (self->i = 0; self->i < CLIENTS; self->i++) {
        struct client *client = &self->clients[self->i];

        *client = (struct client){ CORO(client), .jitters = self->jitters };
        task_create(task_loop(task), &client->task, "client", &client->coro);
    }
    for (self->i = 0; self->i < CLIENTS; self->i++)
        AWAIT_FUTURE(&self->clients[self->i].task.future);
    END;
}

/* The requests for nothing. */
static int tell(bool jitters)
{
    int requests = 0, last = 0;

    printf("%s, by the second:", jitters ? "   jitter" : "no jitter");
    for (int i = 0; i < SECONDS_MOST; i++) {
        requests += came[i];
        last = came[i] > 0 ? i : last;
        if (i < 16)
            printf(" %d", came[i]);
        came[i] = 0;
    }
    printf("\n           %d requests, the last one in second %d\n", requests,
           last);
    return requests - CLIENTS;
}

static int run(bool jitters)
{
    static struct show show;
    struct loop_options options = { .virtual_time = true };
    struct loop loop;
    struct error error;

    show = (struct show){ CORO(show), .jitters = jitters };
    if (loop_open(&loop, &options, &error) != 0
        || loop_run(&loop, &show.coro) != 0)
        return -1;
    loop_close(&loop);
    return tell(jitters);
}

int main(void)
{
    int storm, calm;

    jitter_open(&jitter, 1);
    storm = run(false);
    calm = run(true);
    return storm < 0 || calm < 0 ? 2 : storm > calm;
}
