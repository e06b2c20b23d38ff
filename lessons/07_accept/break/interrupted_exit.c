/* interrupted_exit.c - an exit in one piece: first it says goodbye, which
 * takes a second, then it closes. The first cancellation runs it; the
 * second one hits it in its await, and the rest of it never runs.
 *
 * In Python: async def __aexit__(...): await goodbye(); sock.close()
 */
#include "loop/loop.h"
#include "loop/net.h"

#include <stdio.h>
#include <unistd.h>

struct polite_exit {
    struct coro coro;
    struct open_socket *socket;
    struct sleep sleep;
};
ASYNC_DECLARE(polite_exit);

ASYNC(polite_exit)
{
    BEGIN;
    puts("exit: goodbye ...");
    AWAIT(sleep, .delay_ns = SECONDS(1));
    close_socket(self->socket);
    puts("exit: closed");
    END;
}

struct serve {
    struct coro coro;
    struct open_socket *socket;
    struct async_cleanup exiting;
    struct polite_exit polite_exit;
    struct sleep sleep;
};
ASYNC_DECLARE(serve);

ASYNC(serve)
{
    BEGIN;
    DEFER_AWAIT(&self->exiting, CALL(polite_exit, .socket = self->socket));
    AWAIT(sleep, .delay_ns = SECONDS(3600));
    END;
}

struct impatient {
    struct coro coro;
    int cancels;
    struct open_socket *socket;
    struct task task;
    struct serve serve;
    struct sleep sleep;
};
ASYNC_DECLARE(impatient);

ASYNC(impatient)
{
    BEGIN;
    task_create(task_loop(task), &self->task, "serve",
                CALL(serve, .socket = self->socket));
    for (; self->cancels > 0; self->cancels--) {
        AWAIT(sleep, .delay_ns = SECONDS(0.5));
        puts("cancel");
        task_cancel(&self->task);
    }
    CATCH_AWAIT_FUTURE(&self->task.future);
    END;
}

/* True if the socket was left open. */
static bool leaks(int cancels)
{
    struct loop_options options = { .virtual_time = true };
    struct open_socket open;
    struct impatient main = { CORO(impatient), .cancels = cancels,
                              .socket = &open };
    struct error error;
    struct loop loop;
    bool leaked;

    if (loop_open(&loop, &options, &error) != 0)
        return false;
    open = (struct open_socket){ &loop, socket(AF_INET, SOCK_STREAM, 0) };
    loop_run(&loop, &main.coro);
    leaked = open.fd >= 0;
    printf("cancelled %d x: the socket is %s\n\n", cancels,
           leaked ? "STILL OPEN" : "closed");
    close_socket(&open);
    loop_close(&loop);
    return leaked;
}

int main(void)
{
    bool once = leaks(1), twice = leaks(2);

    return once || twice;
}
