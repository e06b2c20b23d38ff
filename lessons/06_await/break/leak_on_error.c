/* leak_on_error.c - an error jumps over the close.
 *
 * Five GETs of a server that closes without an answer. Each opens a
 * socket, each raises before the line that closes it, and the census at the
 * end finds five descriptors that nobody owns. A try around every line
 * would cure it; lesson 07 has something better, DEFER.
 */
#include "loop/loop.h"
#include "loop/net.h"

#include <fcntl.h>

enum { GETS = 5 };

/* Takes GETS connections and closes each without a word. */
struct rude_server {
    struct coro coro;
    int listener, served;
    struct sock_accept sock_accept;
};
ASYNC_DECLARE(rude_server);

ASYNC(rude_server)
{
    BEGIN;
    for (; self->served < GETS; self->served++) {
        AWAIT(sock_accept, .listener = self->listener);
        net_close(task_loop(task), &self->sock_accept.fd);
    }
    END;
}

struct leaky_get {
    struct coro coro;
    const struct address *address;
    int fd;
    char answer[64];
    struct dial dial;
    struct sock_recv sock_recv;
};
ASYNC_DECLARE(leaky_get);

ASYNC(leaky_get)
{
    BEGIN;
    AWAIT(dial, .address = self->address, .fd = &self->fd);
    AWAIT(sock_recv, .fd = self->fd, .buffer = self->answer,
          .size = sizeof self->answer);
    if (self->sock_recv.received == 0)
        RAISE(E_DISCONNECTED, "GET /: closed without an answer");
    net_close(task_loop(task), &self->fd); /* never reached */
    END;
}

struct show {
    struct coro coro;
    struct address address;
    int listener, i;
    struct task server;
    struct rude_server rude_server;
    struct leaky_get leaky_get;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    if (address_parse(&self->address, "127.0.0.1", 0, &task->error) != 0
        || net_listen(task_loop(task), &self->address, GETS,
                      &self->listener, &task->error) != 0)
        RERAISE(task->error.code);
    task_create(task_loop(task), &self->server, "server",
                CALL(rude_server, .listener = self->listener));
    for (self->i = 1; self->i <= GETS; self->i++) {
        TRY_AWAIT(leaky_get, .address = &self->address);
        printf("get %d: %s\n", self->i, task->error.text);
    }
    AWAIT_FUTURE(&self->server.future);
    net_close(task_loop(task), &self->listener);
    END;
}

static int open_fds(void)
{
    int n = 0;

    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) != -1;
    return n;
}

int main(void)
{
    struct show show = { CORO(show) };
    struct error error;
    struct loop loop;
    int before = open_fds(), left;

    if (loop_open(&loop, &(struct loop_options){ .virtual_time = true },
                  &error) != 0)
        return 2;
    (void)loop_run(&loop, &show.coro);
    loop_close(&loop);
    left = open_fds() - before;
    printf("census: %d fds left, owned by nobody\n", left);
    return left != 0;
}
