/* lab.h - what stands in front of every %%c cell: the lab's headers, a main
 * for the cell's coroutine, a client to accept, fetchers to wait for.
 *
 *     struct show { struct coro coro; struct stage *stage; ... };
 *     ASYNC(show) { BEGIN; ... END; }
 *     LAB_MAIN(show, "what it shows")
 */
#ifndef LAB_NOTEBOOK_H
#define LAB_NOTEBOOK_H

#include "01_blocking/blocking.h"
#include "01_blocking/client.h"
#include "01_blocking/wire.h"
#include "05_loop/loop.h"
#include "06_await/await.h"
#include "07_accept/accept.h"
#include "07_accept/server.h"
#include "08_get/get.h"
#include "09_session/session.h"
#include "10_timeout/client_timeout.h"
#include "11_gather/fetch_status.h"
#include "11_gather/gather.h"
#include "12_as_completed/as_completed.h"
#include "13_wait/wait.h"
#include "14_task_group/task_group.h"
#include "stage/stage.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

/* Runs the coroutine `f` on the stage: options, a loop, the HTTP server at
 * stage->url, the picture. What it shows, and perhaps more members of struct
 * stage: LAB_MAIN(show, "sleeps", .no_origin = true). */
#define LAB_MAIN(f, ...)                                                  \
    int main(int argc, char **argv)                                       \
    {                                                                     \
        static struct stage stage = { .about = __VA_ARGS__ };             \
        static struct f f = { CORO(f), .stage = &stage };                 \
        return stage_run(&stage, argc, argv, &f.coro);                    \
    }

/* Listens on a port that the kernel chooses: *address. 0, or a code with
 * words in task->error. To be closed by close_socket. */
static inline int open_listener(struct task *task, struct address *address,
                                struct open_socket *listener)
{
    struct loop *loop = task_loop(task);
    int code = address_parse(address, "127.0.0.1", 0, &task->error);

    *listener = (struct open_socket){ loop, -1 };
    if (code != 0)
        return code;
    return net_listen(loop, address, 8, &listener->fd, &task->error);
}

/* A client: connects after half a second, says `words` (or nothing) half a
 * second later, and waits until the server hangs up. */
struct peer {
    struct coro coro;
    const struct address *address;
    const char *words;
    struct open_socket socket;
    struct cleanup closing;
    char byte;
    struct sleep sleep;
    struct dial dial;
    struct sock_sendall sock_sendall;
    struct sock_recv sock_recv;
};

ASYNC(peer)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = MILLISECONDS(500));
    AWAIT(dial, .address = self->address, .fd = &self->socket.fd);
    self->socket.loop = task_loop(task);
    DEFER(&self->closing, close_socket, &self->socket);
    AWAIT(sleep, .delay_ns = MILLISECONDS(500));
    if (self->words != NULL)
        AWAIT(sock_sendall, .fd = self->socket.fd, .data = self->words,
              .size = strlen(self->words));
    AWAIT(sock_recv, .fd = self->socket.fd, .buffer = &self->byte,
          .size = 1);
    END;
}

/* fetch_status(session, url, delay) as tasks: fetcher A, B, C ... A negative
 * delay: the URL is python://, which fails after as long. */
enum { FETCHERS_MAX = 10 };

struct fetchers {
    size_t count;
    struct fetch_status each[FETCHERS_MAX];
    struct task tasks[FETCHERS_MAX];
    struct future *futures[FETCHERS_MAX];
};

static inline void start_fetcher(struct fetchers *fetchers,
                                 struct stage *stage,
                                 struct session *session, double delay)
{
    static const char *const names[FETCHERS_MAX] = {
        "fetcher A", "fetcher B", "fetcher C", "fetcher D", "fetcher E",
        "fetcher F", "fetcher G", "fetcher H", "fetcher I", "fetcher J"
    };
    const size_t i = fetchers->count;

    fetchers->each[i] = (struct fetch_status){ CORO(fetch_status),
        .session = session,
        .url = delay < 0 ? "python://www.example.com" : stage->url,
        .delay_ns = stage_ns(stage, delay < 0 ? -delay : delay) };
    fetchers->futures[i] = task_create(stage->loop, &fetchers->tasks[i],
                                       names[i], &fetchers->each[i].coro);
    fetchers->count++;
}

/* The status of a fetcher that is done, or its exception; also into text. */
static inline const char *result_of(struct future *future,
                                    char text[static 40])
{
    const struct task *task = CONTAINER(future, struct task, future);
    const int code = future_outcome(future);

    if (code != 0)
        snprintf(text, 40, "%s()", stage_python_name(code));
    else
        snprintf(text, 40, "%d",
                 ((const struct fetch_status *)(void *)task->coro)->status);
    return text;
}

static inline void say_result(struct stage *stage, struct future *future)
{
    char text[40];

    stage_say(stage, "%s", result_of(future, text));
}

#endif
