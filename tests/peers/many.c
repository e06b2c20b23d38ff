/* many.c - N GETs at once, by gather, over TLS:
 *
 *     peer_many URL N CA
 *     10 times 200, 10 connections
 *
 * Exit 1 with a line if a request fails.
 */
#include "11_gather/fetch_status.h"
#include "11_gather/gather.h"
#include "17_https/https.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST = 100 };

struct many {
    struct coro coro;
    const char *url, *ca_file;
    size_t count, good;
    struct https https;
    struct session session;
    struct async_cleanup closing;
    struct session_close session_close;
    struct fetch_status fetches[MOST];
    struct task tasks[MOST];
    struct future *futures[MOST];
    struct gather_slot slots[MOST];
    struct gather gather;
};
ASYNC_DECLARE(many);

static struct future *start(struct many *self, struct loop *loop)
{
    for (size_t i = 0; i < self->count; i++) {
        self->fetches[i] = (struct fetch_status){ CORO(fetch_status),
            .session = &self->session, .url = self->url };
        self->futures[i] = task_create(loop, &self->tasks[i], "fetch",
                                       &self->fetches[i].coro);
    }
    return gather(&self->gather, loop, self->slots, self->futures,
                  self->count, GATHER_RETURN);
}

ASYNC(many)
{
    struct session_options options = SESSION_DEFAULTS;

    BEGIN;
    https_open(&self->https, task_loop(task));
    self->https.ca_file = self->ca_file;
    options.tls = &self->https.tls;
    session_open(&self->session, task_loop(task), options);
    DEFER_AWAIT(&self->closing,
                CALL(session_close, .session = &self->session));
    AWAIT_FUTURE(start(self, task_loop(task)));
    for (size_t i = 0; i < self->count; i++) {
        if (future_error(&self->tasks[i].future) != NULL)
            printf("%s\n", future_error(&self->tasks[i].future)->text);
        else
            self->good += self->fetches[i].status == 200;
    }
    printf("%zu times 200, %zu connection%s\n", self->good,
           self->session.opened, self->session.opened == 1 ? "" : "s");
    END;
}

int main(int argc, char **argv)
{
    static struct many many = { CORO(many) };
    struct loop_options options = { .poller = NULL };
    struct loop loop;
    struct error error;
    int code;

    if (argc != 4 || atoi(argv[2]) < 1 || atoi(argv[2]) > MOST) {
        fprintf(stderr, "usage: peer_many URL N CA\n");
        return 2;
    }
    many.url = argv[1];
    many.count = (size_t)atoi(argv[2]);
    many.ca_file = argv[3];
    if (loop_open(&loop, &options, &error) != 0) {
        fprintf(stderr, "peer_many: %s\n", error.text);
        return 2;
    }
    code = loop_run(&loop, &many.coro);
    if (code != 0)
        fprintf(stderr, "peer_many: %s\n", loop.main.error.text);
    loop_close(&loop);
    return code != 0 || many.good != many.count;
}
