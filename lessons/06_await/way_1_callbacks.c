/* way_1_callbacks.c - one GET as callbacks: at every wait the function ends
 * and another one goes on. To read it, follow the arrows:
 *
 *     start -> connected -> send_some <-> writable -> receive <-> readable
 *
 * Each arrow carries its own error check, and nobody's `while` is left.
 */
#include "06_await/ways.h"

#include "sys.h"

#include <errno.h>
#include <string.h>

static void fail(struct callback_get *self, int number, const char *what)
{
    if (number == E_DISCONNECTED)
        error_set(&self->error, number, "GET: closed without an answer");
    else
        error_set_errno(&self->error, number, "%s", what);
    future_set_error(&self->done, &self->error);
}

/* Here the function ends; `next` is where it goes on. */
static void wait_for(struct callback_get *self, short events,
                     void (*next)(struct callback *ready))
{
    self->ready = (struct callback){ .run = next };
    if (watch_start(self->loop, &self->watch, self->fd, events,
                    &self->error) != 0)
        future_set_error(&self->done, &self->error);
    else
        future_add_callback(&self->watch.ready, &self->ready);
}

static void readable(struct callback *ready);

static void receive(struct callback_get *self)
{
    ssize_t n = self->loop->sys->recv(self->fd, self->answer + self->used,
                                      ANSWER_SIZE - self->used, 0);

    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        fail(self, errno, "recv");
        return;
    }
    if (n == 0) {
        fail(self, E_DISCONNECTED, "recv");
        return;
    }
    if (n > 0) {
        self->used += (size_t)n;
        self->status = status_of(self->answer, self->used);
    }
    if (self->status != 0)
        future_set_result(&self->done);
    else
        wait_for(self, POLLIN, readable);
}

static void readable(struct callback *ready)
{
    receive(CONTAINER(ready, struct callback_get, ready));
}

static void writable(struct callback *ready);

static void send_some(struct callback_get *self)
{
    ssize_t n = self->loop->sys->send(self->fd, self->request + self->sent,
                                      strlen(self->request) - self->sent,
                                      MSG_NOSIGNAL);

    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        fail(self, errno, "send");
        return;
    }
    if (n > 0)
        self->sent += (size_t)n;
    if (self->sent == strlen(self->request))
        receive(self);
    else
        wait_for(self, POLLOUT, writable);
}

static void writable(struct callback *ready)
{
    send_some(CONTAINER(ready, struct callback_get, ready));
}

static void connected(struct callback *ready)
{
    struct callback_get *self = CONTAINER(ready, struct callback_get, ready);
    int number = 0;
    socklen_t length = sizeof number;

    if (getsockopt(self->fd, SOL_SOCKET, SO_ERROR, &number, &length) != 0)
        number = errno;
    if (number != 0)
        fail(self, number, "connect");
    else
        send_some(self);
}

void callback_get_start(struct callback_get *self, struct loop *loop)
{
    self->loop = loop;
    future_init(&self->done, loop, FUTURE_PLAIN);
    if (loop->sys->connect(self->fd,
            (const struct sockaddr *)&self->address->storage,
            self->address->length) == 0)
        send_some(self);
    else if (errno == EINPROGRESS || errno == EINTR)
        wait_for(self, POLLOUT, connected);
    else
        fail(self, errno, "connect");
}
