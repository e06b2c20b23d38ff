/* MISTAKE: the pipe's callback calls itself for what is still in it. */
/* SEEN: nothing ends the calls of arrived */
#define OWN_ARRIVED
#include "given.h"

static void arrived(struct callback *callback)
{
    struct executor *executor = CONTAINER(callback, struct executor, arrived);
    struct error ignored;

    executor->listening = false;
    arrived(callback);
    collect(executor);
    start_waiting(executor);
    /* Without memory for the watch, look again each turn: slow, not lost. */
    if (executor->running > 0 && listen_to_pipe(executor, &ignored) != 0)
        loop_call_soon(executor->loop, callback);
}
