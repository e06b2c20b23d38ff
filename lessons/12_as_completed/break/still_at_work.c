/* still_at_work.c - a timeout of as_completed cancels nobody.
 *
 * Three requests to our own server: two answers take ten seconds, one takes
 * one. After two seconds the client has its TimeoutErrors and believes that
 * it is rid of the others. The server knows better.
 */
#include "12_as_completed/as_completed.h"

#include "11_gather/fetch_status.h"
#include "stage/origin.h"

enum { N = 3 };

struct show {
    struct coro coro;
    struct origin *origin;
    struct session session;
    struct cleanup closing;
    char slow[64], quick[64];
    struct fetch_status fetches[N];
    struct task tasks[N];
    struct future *futures[N];
    struct completed slots[N];
    struct as_completed it;
    struct cleanup closing_it;
    struct next_completed next_completed;
    struct sleep sleep;
    size_t left;
};
ASYNC_DECLARE(show);

static void start(struct show *self)
{
    static const char *const names[N] = { "A", "B", "C" };

    snprintf(self->slow, sizeof self->slow, "http://127.0.0.1:%u/delay/10",
             self->origin->port);
    snprintf(self->quick, sizeof self->quick, "http://127.0.0.1:%u/delay/1",
             self->origin->port);
    for (int i = 0; i < N; i++) {
        self->fetches[i] = (struct fetch_status){ CORO(fetch_status),
            .session = &self->session,
            .url = i < 2 ? self->slow : self->quick };
        self->futures[i] = task_create(self->origin->loop, &self->tasks[i],
                                       names[i], &self->fetches[i].coro);
    }
}

static void say(const struct show *self, const char *what)
{
    printf("%2.0f s: %s; the server works on %zu\n",
           (double)loop_now(self->origin->loop) / 1e9, what,
           self->origin->busy);
}

ASYNC(show)
{
    BEGIN;
    session_open(&self->session, task_loop(task), SESSION_DEFAULTS);
    DEFER(&self->closing, session_shut, &self->session);
    start(self);
    if (as_completed(&self->it, task_loop(task), self->slots, self->futures,
                     N, WITHIN(SECONDS(2))) != 0)
        RAISE(ENOMEM, "as_completed");
    DEFER(&self->closing_it, as_completed_close, &self->it);
    while (self->it.turns > 0) {
        TRY_AWAIT(next_completed, .from = &self->it);
        say(self, self->next_completed.coro.error == 0 ? "an answer"
                                                       : "TimeoutError");
    }
    self->left = self->origin->busy;
    AWAIT(sleep, .delay_ns = SECONDS(7));
    say(self, "we do other things");
    AWAIT(sleep, .delay_ns = SECONDS(2));
    say(self, "two answers came, and nobody reads them");
    END;
}

int main(void)
{
    struct loop_options options = { .virtual_time = true };
    struct origin origin;
    struct show show = { CORO(show), .origin = &origin };
    struct loop loop;
    struct error error;

    if (loop_open(&loop, &options, &error) != 0)
        return 2;
    if (origin_start(&origin, &loop, "127.0.0.1", 0, &error) != 0)
        return 2;
    loop_run(&loop, &show.coro);
    loop_close(&loop);
    return show.left != 0;
}
