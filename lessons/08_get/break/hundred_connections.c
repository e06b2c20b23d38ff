/* hundred_connections.c - a hundred times the same page from the same
 * server, one after the other. Each GET introduces itself anew: a socket, a
 * handshake, a goodbye. The server counts.
 */
#include "08_get/get.h"

#include "stage/origin.h"
#include "sys.h"

#include <stdio.h>

static int sockets, connects;

static int count_socket(int family, int type, int protocol)
{
    sockets++;
    return sys_real.socket(family, type, protocol);
}

static int count_connect(int fd, const struct sockaddr *address,
                         socklen_t length)
{
    connects++;
    return sys_real.connect(fd, address, length);
}

struct hundred {
    struct coro coro;
    char url[64];
    int at;
    struct origin origin;
    struct get get;
};
ASYNC_DECLARE(hundred);

ASYNC(hundred)
{
    BEGIN;
    if (origin_start(&self->origin, task_loop(task), "127.0.0.1", 0,
                     &task->error) != 0)
        RERAISE(task->error.code);
    snprintf(self->url, sizeof self->url, "http://127.0.0.1:%u/",
             self->origin.port);
    sockets = 0;
    for (; self->at < 100; self->at++)
        AWAIT(get, .url = self->url);
    END;
}

int main(void)
{
    struct sys sys = sys_real;
    struct loop_options options = { .virtual_time = true, .sys = &sys };
    static struct hundred hundred = { CORO(hundred) };
    struct error error;
    struct loop loop;

    sys.socket = count_socket;
    sys.connect = count_connect;
    if (loop_open(&loop, &options, &error) != 0)
        return 2;
    if (loop_run(&loop, &hundred.coro) != 0)
        return 2;
    printf("100 GETs: %d socket(), %d connect(), and the server saw %zu "
           "connections\n", sockets, connects, hundred.origin.connections);
    printf("one connection would have carried them all\n");
    loop_close(&loop);
    return hundred.origin.connections > 1;
}
