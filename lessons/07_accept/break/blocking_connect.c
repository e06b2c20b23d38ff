/* blocking_connect.c - one task ticks, another connects; the server is busy
 * and does not answer. connect() without O_NONBLOCK waits in the kernel,
 * and with it every task of the loop. How long does not matter, so it is
 * counted in ticks.
 *
 *     listen(backlog 0), full:  SYN ->  nobody   connect() waits
 */
#include "loop/loop.h"
#include "loop/net.h"
#include "sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

enum { FILLERS = 8 };

struct ticker {
    struct coro coro;
    int ticks;
    struct sleep sleep;
};
ASYNC_DECLARE(ticker);

ASYNC(ticker)
{
    BEGIN;
    for (;;) {
        AWAIT(sleep, .delay_ns = MILLISECONDS(10));
        self->ticks++;
    }
    END;
}

/* connect() as it comes out of the box, at most 0.3 s long. */
static void connect_blocking(const struct address *address)
{
    struct timeval limit = { .tv_usec = 300000 };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    (void)connect(fd, (const struct sockaddr *)&address->storage,
                  address->length);
    close(fd);
}

/* The same with lesson 08's connect, given up after 0.3 s. */
struct patient {
    struct coro coro;
    const struct address *address;
    int fd;
    struct dial dial;
};
ASYNC_DECLARE(patient);

ASYNC(patient)
{
    BEGIN;
    AWAIT(dial, .address = self->address, .fd = &self->fd);
    close(self->fd);
    END;
}

struct show {
    struct coro coro;
    const struct address *address;
    int before, blocking, non_blocking;
    struct task ticking, dialling;
    struct ticker ticker;
    struct patient patient;
    struct sleep sleep;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    task_create(task_loop(task), &self->ticking, "ticker", CALL(ticker, 0));
    AWAIT(sleep, .delay_ns = MILLISECONDS(50));
    self->before = self->ticker.ticks;
    connect_blocking(self->address);
    self->blocking = self->ticker.ticks - self->before;
    self->before = self->ticker.ticks;
    task_create(task_loop(task), &self->dialling, "patient",
                CALL(patient, .address = self->address));
    AWAIT(sleep, .delay_ns = MILLISECONDS(300));
    self->non_blocking = self->ticker.ticks - self->before;
    task_cancel(&self->dialling);
    CATCH_AWAIT_FUTURE(&self->dialling.future);
    END;
}

/* Clients that nobody will accept, until the backlog is full. */
static void fill(const struct address *address, int fds[static FILLERS])
{
    for (int i = 0; i < FILLERS; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM, 0);
        fcntl(fds[i], F_SETFL, O_NONBLOCK);
        (void)connect(fds[i], (const struct sockaddr *)&address->storage,
                      address->length);
    }
}

int main(void)
{
    struct address address;
    struct show show = { CORO(show), .address = &address };
    struct error error;
    struct loop loop;
    int listener, fds[FILLERS];

    if (loop_open(&loop, &(struct loop_options){ 0 }, &error) != 0
        || address_parse(&address, "127.0.0.1", 0, &error) != 0
        || net_listen(&loop, &address, 0, &listener, &error) != 0)
        return 2;
    fill(&address, fds);
    loop_run(&loop, &show.coro);
    printf("ticks while connect() blocked: %d\n", show.blocking);
    printf("ticks while dial waited: %s\n",
           show.non_blocking > 1 ? "it ticked on" : "none");
    for (int i = 0; i < FILLERS; i++)
        close(fds[i]);
    close(listener);
    loop_close(&loop);
    return show.blocking == 0;
}
