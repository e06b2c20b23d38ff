/* poller.c - what the three pollers share: the watches, in order of age
 * and by fd, a place for each number: those are small and used again. */
#include "loop/poller.h"

#include "loop/loop.h"
#include "sys.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int poller_open(struct loop *loop, const char *name, struct error *error)
{
    static const struct poller_type *const types[] = {
        &poller_poll, &poller_select, &poller_epoll
    };
    struct poller *poller = &loop->poller;
    int number;

    *poller = (struct poller){ .type = poller->type, .loop = loop, .fd = -1 };
    list_init(&poller->watches);
    if (name == NULL)
        name = getenv("LAB_POLLER");
    if (name == NULL)
        name = "poll";
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (poller->type == NULL && strcmp(types[i]->name, name) == 0)
            poller->type = types[i];
    if (poller->type == NULL)
        return error_set(error, E_VALUE, "poller \"%s\": not one of select, "
                         "poll, epoll", name);
    number = poller->type->open != NULL ? poller->type->open(poller) : 0;
    return number == 0 ? 0 : error_set_errno(error, number, "poller %s",
                                             poller->type->name);
}

void poller_close(struct poller *poller)
{
    if (poller->fd >= 0)
        close(poller->fd);
    free(poller->on_fd);
    *poller = (struct poller){ .fd = -1 };
}

/* Room for fd: the one allocation after start-up but the timers'. Only for
 * an fd that is open, or a wrong number could take all memory. */
static int reserve(struct poller *poller, int fd, struct error *error)
{
    const size_t used = poller->capacity * sizeof(struct place);
    size_t capacity = POLLER_ROOM, size;
    struct place *on_fd;

    if (fcntl(fd, F_GETFD) == -1)
        return error_set_errno(error, errno, "wait for fd %d", fd);
    while (capacity <= (size_t)fd)
        capacity *= 2;
    size = capacity * (sizeof *on_fd + sizeof(struct pollfd));
    on_fd = poller->loop->sys->resize(poller->on_fd, size);
    if (on_fd == NULL)
        return error_set_errno(error, ENOMEM, "wait for fd %d", fd);
    memset((char *)on_fd + used, 0, size - used);
    poller->on_fd = on_fd;
    poller->fds = (struct pollfd *)(on_fd + capacity);
    poller->capacity = capacity;
    return 0;
}

static bool has_room(const struct poller *poller, int fd)
{
    return fd >= 0 && (size_t)fd < poller->capacity;
}

bool poller_watches(const struct poller *poller, int fd)
{
    return has_room(poller, fd) && poller->on_fd[fd].first != NULL;
}

int watch_start(struct loop *loop, struct watch *watch, int fd, short events,
                struct error *error)
{
    struct poller *poller = &loop->poller;
    struct watch **at;
    int code = 0;

    assert((events & ~(POLLIN | POLLOUT)) == 0 && events != 0);
    *watch = (struct watch){ .fd = fd, .events = events };
    future_init(&watch->ready, loop, FUTURE_FD);
    if (!has_room(poller, fd) && reserve(poller, fd, error) != 0)
        return error->code;
    list_add(&poller->watches, &watch->link);
    poller->count++;
    for (at = &poller->on_fd[fd].first; *at != NULL; at = &(*at)->next)
        continue;
    *at = watch;
    if (poller->type->arm != NULL)
        code = poller->type->arm(poller, fd, error);
    if (code != 0)
        watch_stop(watch);
    return code;
}

void watch_stop(struct watch *watch)
{
    struct poller *poller;
    struct watch **at;

    if (watch->link.next == NULL)
        return;
    poller = &watch->ready.loop->poller;
    list_remove(&watch->link);
    poller->count--;
    for (at = &poller->on_fd[watch->fd].first; *at != watch; at = &(*at)->next)
        assert(*at != NULL);
    *at = watch->next;
}

short poller_events(const struct poller *poller, int fd)
{
    int events = 0;

    for (const struct watch *watch = poller->on_fd[fd].first; watch != NULL;
         watch = watch->next)
        events |= watch->events;
    return (short)events;
}

void poller_wake(struct poller *poller, int fd, short revents)
{
    struct watch *watch = poller->on_fd[fd].first, *next;

    for (; watch != NULL; watch = next) {
        next = watch->next;
        /* Trouble wakes everybody. */
        if ((revents & (watch->events | ~(POLLIN | POLLOUT))) == 0)
            continue;
        watch_stop(watch);
        watch->revents = revents;
        LOOP_EVENT(poller->loop, EVENT_FD, .fd = fd, .on = &watch->ready);
        /* No effect if it was cancelled since the last turn. */
        future_set_result(&watch->ready);
    }
}

/* One entry an fd: the oldest watch on it asks for the others, because
 * poll() takes no more entries than fds may be open. */
size_t poller_ask(struct poller *poller)
{
    struct pollfd *fds = poller->fds;
    size_t n = 0;

    LIST_EACH(&poller->watches, link) {
        int fd = CONTAINER(link, struct watch, link)->fd;

        if (link != &poller->on_fd[fd].first->link)
            continue;
        fds[n] = (struct pollfd){ fd, poller_events(poller, fd), 0 };
        n++;
    }
    return n;
}

void poller_wait(struct poller *poller, int timeout_ms)
{
    size_t n = poller->type->wait(poller, timeout_ms);
    struct pollfd *fds = poller->fds;
    struct error ignored; /* it was armed before */

    for (size_t i = 0; i < n; i++) {
        int fd = fds[i].fd;

        if (fds[i].revents == 0)
            continue;
        poller_wake(poller, fd, fds[i].revents);
        /* Its other watches, if any, wait for something else. */
        if (poller->type->arm != NULL && poller_watches(poller, fd))
            poller->type->arm(poller, fd, &ignored);
    }
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
