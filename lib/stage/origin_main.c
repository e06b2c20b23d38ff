/* origin_main.c - the origin as a program of its own: `origin --port N`.
 * Serves until Ctrl-C, then says what it served. */
#include "stage/origin.h"

#include "stage/options.h"

#include <stdlib.h>

struct serve_forever {
    struct coro coro;
    struct future never;
};
ASYNC_DECLARE(serve_forever);

ASYNC(serve_forever)
{
    BEGIN;
    future_init(&self->never, task_loop(task), FUTURE_PLAIN);
    AWAIT_FUTURE(&self->never);
    END;
}

int main(int argc, char **argv)
{
    const char *host = "127.0.0.1", *port = "0", *poller = NULL;
    const struct option options[] = {
        { "--host", &host, NULL, "ADDRESS", "numeric address to listen on" },
        { "--port", &port, NULL, "N", "port; 0: the kernel chooses" },
        { "--poller", &poller, NULL, "NAME", "select, poll or epoll" },
        { NULL, NULL, NULL, NULL, NULL }
    };
    struct serve_forever forever = { CORO(serve_forever) };
    struct loop_options loop_options = { .catch_sigint = true };
    static struct origin origin;
    struct loop loop;
    struct error error;
    int code;

    options_parse(argc, argv, options, "the lab's HTTP server");
    loop_options.poller = poller;
    code = loop_open(&loop, &loop_options, &error);
    if (code == 0)
        code = origin_start(&origin, &loop, host, options_port(argv[0], port),
                            &error);
    if (code != 0) {
        fprintf(stderr, "%s: %s\n", argv[0], error.text);
        return 2;
    }
    printf("serving http://%s:%u/\n", host, origin.port);
    fflush(stdout);
    code = loop_run(&loop, &forever.coro);
    printf("%zu requests on %zu connections, at most %zu at once\n",
           origin.requests, origin.connections, origin.peak);
    loop_close(&loop);
    return code == E_INTERRUPTED ? 130 : code != 0;
}
