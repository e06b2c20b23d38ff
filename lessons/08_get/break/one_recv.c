/* one_recv.c - "a send is a recv": the head is read by one recv and parsed
 * by sscanf. It works for years, until a packet ends in the middle.
 *
 *     peer:  "HTTP/1.1 404 Not Found"      then     "HTTP/1.1 4" "04 Not..."
 */
#include "loop/loop.h"
#include "loop/net.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct peer {
    struct coro coro;
    int fd;
    size_t split; /* a pause after so many bytes */
    union {
        struct sleep sleep;
        struct sock_sendall sock_sendall;
    };
};
ASYNC_DECLARE(peer);

static const char answer[] = "HTTP/1.1 404 Not Found\r\n\r\n";

ASYNC(peer)
{
    BEGIN;
    AWAIT(sock_sendall, .fd = self->fd, .data = answer, .size = self->split);
    AWAIT(sleep, .delay_ns = MILLISECONDS(20));
    AWAIT(sock_sendall, .fd = self->fd, .data = answer + self->split,
          .size = strlen(answer) - self->split);
    END;
}

struct one_recv {
    struct coro coro;
    int fd;
    int status;
    char head[256];
    struct sock_recv sock_recv;
};
ASYNC_DECLARE(one_recv);

ASYNC(one_recv)
{
    BEGIN;
    AWAIT(sock_recv, .fd = self->fd, .buffer = self->head,
          .size = sizeof self->head - 1);
    self->status = -1;
    sscanf(self->head, "HTTP/1.%*d %d", &self->status);
    END;
}

struct show {
    struct coro coro;
    int fds[2];
    size_t split;
    struct task talking;
    struct peer peer;
    struct one_recv one_recv;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    task_create(task_loop(task), &self->talking, "peer",
                CALL(peer, .fd = self->fds[1], .split = self->split));
    AWAIT(one_recv, .fd = self->fds[0]);
    CATCH_AWAIT_FUTURE(&self->talking.future);
    END;
}

static int status_if_split(size_t split)
{
    struct loop_options options = { .virtual_time = true };
    struct show show = { CORO(show), .split = split };
    struct error error;
    struct loop loop;

    if (loop_open(&loop, &options, &error) != 0
        || socketpair(AF_UNIX, SOCK_STREAM, 0, show.fds) != 0
        || fcntl(show.fds[0], F_SETFL, O_NONBLOCK) != 0
        || fcntl(show.fds[1], F_SETFL, O_NONBLOCK) != 0)
        return 0;
    loop_run(&loop, &show.coro);
    close(show.fds[0]);
    close(show.fds[1]);
    loop_close(&loop);
    return show.one_recv.status;
}

int main(void)
{
    static const size_t splits[] = { 26, 22, 10, 9, 4 };
    int wrong = 0;

    for (size_t i = 0; i < sizeof splits / sizeof splits[0]; i++) {
        int status = status_if_split(splits[i]);

        printf("first %2zu bytes \"%.*s\": status %d\n", splits[i],
               splits[i] < 22 ? (int)splits[i] : 22, answer, status);
        wrong += status != 404;
    }
    return wrong != 0;
}
