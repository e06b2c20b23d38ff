/* server.c - see server.h. The server owns its visits: it counts them, and
 * it does not end before they have. */
#include "07_accept/server.h"

ASYNC(visit)
{
    BEGIN;
    DEFER(&self->closing, close_socket, &self->socket);
    for (;;) {
        AWAIT(sock_recv, .fd = self->socket.fd, .buffer = self->bytes,
              .size = sizeof self->bytes);
        if (self->sock_recv.received == 0)
            RETURN();
        AWAIT(sock_sendall, .fd = self->socket.fd, .data = self->bytes,
              .size = self->sock_recv.received);
    }
    END;
}

static void visit_over(struct callback *callback)
{
    struct visit *self = CONTAINER(callback, struct visit, over);
    struct echo_server *server = self->server;

    /* A client that vanishes is no failure of ours. */
    future_look(&self->task.future);
    /* Cancelled before its first step, it never ran its cleanup (T04). */
    close_socket(&self->socket);
    self->busy = false;
    server->open--;
    if (server->waiting && !future_done(&server->left))
        future_set_result(&server->left);
}

static void begin_visit(struct echo_server *self, struct loop *loop, int fd)
{
    struct visit *visit = self->visits;

    while (visit->busy)
        visit++;
    *visit = (struct visit){ CORO(visit), .server = self, .busy = true,
                             .socket = { loop, fd },
                             .over.run = visit_over };
    self->served++;
    self->open++;
    task_create(loop, &visit->task, "visit", &visit->coro);
    future_add_callback(&visit->task.future, &visit->over);
}

static void cancel_visits(struct echo_server *self)
{
    for (size_t i = 0; i < SERVER_VISITS; i++)
        if (self->visits[i].busy)
            task_cancel(&self->visits[i].task);
}

/* Parks until a visit is over. */
#define AWAIT_ONE_LESS(server) do {                                       \
    future_init(&(server)->left, task_loop(task), FUTURE_PLAIN);          \
    (server)->waiting = true;                                             \
    CATCH_AWAIT_FUTURE(&(server)->left);                                  \
    } while (0)

/* Not AWAIT_FUTURE: cancelled once more, it goes on waiting. That is short,
 * because a visit's cleanup does not await. */
ASYNC(server_end)
{
    BEGIN;
    cancel_visits(self->server);
    while (self->server->open > 0)
        AWAIT_ONE_LESS(self->server);
    END;
}

ASYNC(echo_server)
{
    BEGIN;
    DEFER_AWAIT(&self->ending, CALL(server_end, .server = self));
    for (;;) {
        while (self->open == SERVER_VISITS) {
            AWAIT_ONE_LESS(self);
            if (task->outcome != 0)
                RERAISE(task->outcome);
        }
        AWAIT(sock_accept, .listener = self->listener);
        begin_visit(self, task_loop(task), self->sock_accept.fd);
    }
    END;
}
