/* closed_behind_its_back.c - a socket whose fd is armed is closed by close()
 * instead of net_close, so that nobody tells the poller. The kernel drops it.
 * The next socket gets its number, "is armed already", and is in no epoll.
 *
 * asyncio has the same rule: remove_reader before close.
 */
#include "16_pollers/kept.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

struct show {
    struct coro coro;
    int fds[2];
    struct wait_fd wait_fd;
};
ASYNC_DECLARE(show);

/* A socket with a word in it. */
static int open_pair(struct show *self)
{
    return socketpair(AF_UNIX, SOCK_STREAM, 0, self->fds) != 0
        || write(self->fds[1], "w", 1) != 1 ? -1 : 0;
}

ASYNC(show)
{
    int before;

    BEGIN;
    if (open_pair(self) != 0)
        RAISE_ERRNO("socketpair");
    AWAIT(wait_fd, .fd = self->fds[0], .events = POLLIN);
    printf("a word for the first socket\n");
    before = self->fds[0];
    close(self->fds[0]);
    close(self->fds[1]);
    if (open_pair(self) != 0)
        RAISE_ERRNO("socketpair");
    printf("the second has %s number, and a word\n",
           self->fds[0] == before ? "its" : "another");
    fflush(stdout);
    AWAIT(wait_fd, .fd = self->fds[0], .events = POLLIN);
    printf("a word for the second socket\n");
    END;
}

int main(void)
{
    static struct show show = { CORO(show) };
    struct loop_options options = { .virtual_time = true,
        .poller_type = &poller_kept, .patience_ns = MILLISECONDS(200),
        .log = stdout };
    struct loop loop;
    struct error error;
    int code;

    if (loop_open(&loop, &options, &error) != 0)
        return 2;
    code = loop_run(&loop, &show.coro);
    loop_close(&loop);
    return code != 0;
}
