/* poller.c - what the three pollers share: watches and their list. */
#include "loop/poller.h"

#include "loop/loop.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

const struct poller_type *poller_find(const char *name)
{
    static const struct poller_type *const types[] = {
        &poller_poll, &poller_select,
#ifdef __linux__
        &poller_epoll,
#endif
    };

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i]->name, name) == 0)
            return types[i];
    return NULL;
}

static void take_out(struct poller *poller, struct watch *watch)
{
    assert(watch->waiting && poller->count > 0);
    poller->type->unwatch(poller, watch);
    list_remove(&watch->link);
    poller->count--;
    watch->waiting = false;
}

int watch_start(struct loop *loop, struct watch *watch, int fd, short events,
                struct error *error)
{
    struct poller *poller = &loop->poller;
    int code;

    assert((events & ~(POLLIN | POLLOUT)) == 0 && events != 0);
    *watch = (struct watch){ .fd = fd, .events = events };
    future_init(&watch->ready, loop, FUTURE_FD);
    if (fd < 0) {
        error_set_errno(error, EBADF, "wait for fd %d", fd);
        return EBADF;
    }
    poller->count++;
    list_add(&poller->watches, &watch->link);
    watch->waiting = true;
    code = poller->type->watch(poller, watch, error);
    if (code != 0)
        take_out(poller, watch);
    return code;
}

void watch_stop(struct watch *watch)
{
    if (watch->waiting)
        take_out(&watch->ready.loop->poller, watch);
}

void poller_wake(struct poller *poller, struct watch *watch, short revents)
{
    assert(revents != 0);
    take_out(poller, watch);
    watch->revents = revents;
    LOOP_EVENT(poller->loop, EVENT_FD, .fd = watch->fd, .on = &watch->ready);
    /* Cancelled since the last turn, and not yet stopped: stays so. */
    if (!future_done(&watch->ready))
        future_set_result(&watch->ready);
}

bool poller_watches(const struct poller *poller, int fd)
{
    LIST_EACH(&poller->watches, link)
        if (CONTAINER(link, struct watch, link)->fd == fd)
            return true;
    return false;
}

/* The only allocation after start-up: room for one more watch. */
int poller_reserve(struct poller *poller, size_t count, size_t size,
                   struct error *error)
{
    size_t capacity = poller->capacity == 0 ? 64 : poller->capacity;
    char *memory;

    if (count <= poller->capacity)
        return 0;
    while (capacity < count)
        capacity *= 2;
    memory = realloc(poller->memory, capacity * size);
    if (memory == NULL) {
        error_set_errno(error, ENOMEM, "watch %zu sockets", count);
        return ENOMEM;
    }
    memset(memory + poller->capacity * size, 0,
           (capacity - poller->capacity) * size);
    poller->memory = memory;
    poller->capacity = capacity;
    return 0;
}

/* Rounded up: waking early would spin until the timer is due. Cut to what
 * an int holds: the loop then just takes one more turn in 24 days. */
int poller_milliseconds(int64_t timeout_ns)
{
    int64_t ms;

    if (timeout_ns < 0)
        return -1;
    ms = timeout_ns / 1000000 + (timeout_ns % 1000000 != 0);
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

ASYNC(wait_fd)
{
    BEGIN;
    if (watch_start(task_loop(task), &self->watch, self->fd, self->events,
                    &task->error) != 0)
        RERAISE(task->error.code);
    CATCH_AWAIT_FUTURE(&self->watch.ready);
    watch_stop(&self->watch);
    if (task->outcome != 0)
        RERAISE(task->outcome);
    if (self->watch.revents & POLLNVAL)
        RAISE(EBADF, "wait for fd %d: Bad file descriptor", self->fd);
    END;
}
