/* client.c - GETs a URL N times, one after another, and reads each body to
 * its end: for servers that we did not write.
 *
 *     peer_client URL N
 *     3 times 200, 210000 bytes, 1 connection
 *
 * Exit 1 with a line if a request fails.
 */
#include "09_session/session.h"

#include <stdio.h>
#include <stdlib.h>

struct client {
    struct coro coro;
    const char *url;
    int times, done, status;
    size_t bytes;
    struct session session;
    struct response response;
    struct cleanup shutting;
    union {
        struct request request;
        struct response_read response_read;
    };
};
ASYNC_DECLARE(client);

ASYNC(client)
{
    BEGIN;
    session_open(&self->session, task_loop(task), SESSION_DEFAULTS);
    DEFER(&self->shutting, session_shut, &self->session);
    for (; self->done < self->times; self->done++) {
        AWAIT(request, .session = &self->session, .url = self->url);
        self->response = self->request.response;
        self->status = self->response.status;
        do {
            TRY_AWAIT(response_read, .response = &self->response);
            self->bytes += self->response_read.piece.len;
        } while (self->response_read.coro.error == 0
                 && self->response_read.piece.len > 0);
        response_close(&self->response);
        if (self->response_read.coro.error != 0)
            RERAISE(self->response_read.coro.error);
    }
    printf("%d times %d, %zu bytes, %zu connection%s\n", self->done,
           self->status, self->bytes, self->session.opened,
           self->session.opened == 1 ? "" : "s");
    END;
}

int main(int argc, char **argv)
{
    static struct client client = { CORO(client) };
    struct loop_options options = { .poller = NULL };
    struct loop loop;
    struct error error;
    int code;

    if (argc != 3 || atoi(argv[2]) < 1) {
        fprintf(stderr, "usage: peer_client URL N\n");
        return 2;
    }
    client.url = argv[1];
    client.times = atoi(argv[2]);
    if (loop_open(&loop, &options, &error) != 0) {
        fprintf(stderr, "peer_client: %s\n", error.text);
        return 2;
    }
    code = loop_run(&loop, &client.coro);
    if (code != 0)
        fprintf(stderr, "peer_client: %s\n", loop.main.error.text);
    loop_close(&loop);
    return code != 0;
}
