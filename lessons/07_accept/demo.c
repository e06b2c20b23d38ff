/* demo.c - a server that accepts one connection, prints what it is sent and
 * closes it, however it ends. Without --port the demo is its own client. */
#include "07_accept/accept.h"

#include "stage/stage.h"

#include <ctype.h>
#include <string.h>

static const char *ending = "return", *port = NULL;

/* data = await loop.sock_recv(connection, 1024); print(data) */
struct talk {
    struct coro coro;
    struct stage *stage;
    const int *fd;
    char data[1024];
    struct sock_recv sock_recv;
    struct sleep sleep;
};
ASYNC_DECLARE(talk);

static void say_bytes(struct stage *stage, const char *data, size_t n)
{
    char text[4 * 1024 + 4] = "b'";
    size_t used = 2;

    for (size_t i = 0; i < n; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
            isprint((unsigned char)data[i]) && data[i] != '\\' ? "%c"
            : "\\x%02x", (unsigned char)data[i]);
    stage_say(stage, "%s'", text);
}

ASYNC(talk)
{
    BEGIN;
    AWAIT(sock_recv, .fd = *self->fd, .buffer = self->data,
          .size = sizeof self->data);
    if (strcmp(ending, "error") == 0)
        RAISE(E_VALUE, "boom");
    say_bytes(self->stage, self->data, self->sock_recv.received);
    END;
}

/* The peer: connects, waits, sends an arrow key, waits for our end. */
struct peer {
    struct coro coro;
    struct stage *stage;
    const struct address *address;
    struct open_socket socket;
    struct cleanup closing;
    char byte;
    union {
        struct sleep sleep;
        struct dial dial;
        struct sock_sendall sock_sendall;
        struct sock_recv sock_recv;
    };
};
ASYNC_DECLARE(peer);

ASYNC(peer)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = stage_ns(self->stage, 0.5));
    AWAIT(dial, .address = self->address, .fd = &self->socket.fd);
    self->socket.loop = task_loop(task);
    DEFER(&self->closing, close_socket, &self->socket);
    AWAIT(sleep, .delay_ns = stage_ns(self->stage, 0.5));
    if (strcmp(ending, "cancel") != 0)
        AWAIT(sock_sendall, .fd = self->socket.fd, .data = "\033[A",
              .size = 3);
    AWAIT(sock_recv, .fd = self->socket.fd, .buffer = &self->byte, .size = 1);
    stage_say(self->stage, "peer: read after server side finished: %s",
              self->sock_recv.received == 0 ? "b''" : "bytes");
    END;
}

struct show {
    struct coro coro;
    struct stage *stage;
    struct address address;
    struct open_socket listener;
    struct cleanup closing;
    int fd, code;
    struct task server, client;
    struct connected_socket connected_socket;
    struct talk talk;
    struct peer peer;
    struct sleep sleep;
};
ASYNC_DECLARE(show);

static void say_line(void *stage, const char *line)
{
    stage_say(stage, "%s", line);
}

static int listen_here(struct show *self, struct error *error)
{
    const unsigned number = port != NULL ? options_port("07_accept", port)
                                         : 0;
    int code = address_parse(&self->address, "127.0.0.1", number, error);

    self->listener.loop = self->stage->loop;
    self->listener.fd = -1;
    if (code == 0)
        code = net_listen(self->stage->loop, &self->address, 8,
                          &self->listener.fd, error);
    return code;
}

ASYNC(show)
{
    char text[ADDRESS_TEXT];

    BEGIN;
    if (listen_here(self, &task->error) != 0)
        RERAISE(task->error.code);
    DEFER(&self->closing, close_socket, &self->listener);
    task_create(task_loop(task), &self->server, "server",
                CALL(connected_socket, .listener = self->listener.fd,
                     .fd = &self->fd, .say = say_line, .arg = self->stage,
                     .body = CALL(talk, .stage = self->stage,
                                  .fd = &self->fd)));
    if (port != NULL)
        stage_say(self->stage, "listening on %s",
                  address_text(&self->address, text));
    else if (strcmp(ending, "cancel-early") != 0)
        task_create(task_loop(task), &self->client, "client",
                    CALL(peer, .stage = self->stage,
                         .address = &self->address));
    if (strncmp(ending, "cancel", 6) == 0) {
        AWAIT(sleep, .delay_ns = stage_ns(self->stage, 1.5));
        stage_say(self->stage, "cancel -> %s",
                  task_cancel(&self->server) ? "True" : "False");
    }
    CATCH_AWAIT_FUTURE(&self->server.future);
    if (task->outcome != 0 && self->server.cancelling == 0
        && task->cancelling > 0)
        RERAISE(task->outcome); /* Ctrl-C */
    if (task->outcome != 0)
        stage_say(self->stage, "caught %s%s",
                  stage_python_name(task->outcome),
                  strcmp(ending, "cancel-early") == 0
                  ? "; __aexit__ was NOT run" : "");
    if (port == NULL && strcmp(ending, "cancel-early") != 0)
        AWAIT_FUTURE(&self->client.future);
    END;
}

int main(int argc, char **argv)
{
    const struct option more[] = {
        { "--ending", &ending, NULL, "HOW",
          "return, error, cancel or cancel-early" },
        { "--port", &port, NULL, "N", "wait for your client there (try nc)" },
        { NULL, NULL, NULL, NULL, NULL }
    };
    struct stage stage = { .no_origin = true, .more = more,
        .about = "accept with cleanup on every way out; Ctrl-C is one" };
    struct show show = { CORO(show), .stage = &stage };

    return stage_run(&stage, argc, argv, &show.coro);
}
