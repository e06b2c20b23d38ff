/* demo.c - a server that accepts one connection, prints what it is sent and
 * closes it, however it ends. Without --port the demo is its own client.
 *
 *     --ending return | error | cancel | cancel-early     the four ways out
 *              bye                      an exit that awaits
 *              cancel-twice | shield    the same, cancelled once more
 *              nested | suppress        two managers; one that forgives
 *     --serve                           a server of many; Ctrl-C ends it
 */
#include "07_accept/accept.h"
#include "07_accept/server.h"

#include "stage/stage.h"

#include <ctype.h>
#include <string.h>

static const char *ending = "return", *port = NULL;
static bool serve = false;

static bool ends(const char *how)
{
    return strcmp(ending, how) == 0;
}

/* Who says the five lines. */
struct voice {
    struct stage *stage;
    const char *prefix;
};

static void say_line(void *voice, const char *line)
{
    struct voice *v = voice;

    stage_say(v->stage, "%s%s", v->prefix, line);
}

/* --- The body ------------------------------------------------------------ */

/* data = await loop.sock_recv(connection, 1024); print(data) */
struct talk {
    struct coro coro;
    struct stage *stage;
    const int *fd;
    char data[1024];
    struct sock_recv sock_recv;
};
ASYNC_DECLARE(talk);

/* print(data), as Python shows bytes. */
static const char *repr(const char *data, size_t n,
                        char text[static 4 * 1024 + 4])
{
    size_t used = (size_t)sprintf(text, "b'");

    for (size_t i = 0; i < n; i++)
        used += (size_t)sprintf(text + used,
            isprint((unsigned char)data[i]) && data[i] != '\\' ? "%c"
            : "\\x%02x", (unsigned char)data[i]);
    strcpy(text + used, "'");
    return text;
}

ASYNC(talk)
{
    char text[4 * 1024 + 4];

    BEGIN;
    AWAIT(sock_recv, .fd = *self->fd, .buffer = self->data,
          .size = sizeof self->data);
    repr(self->data, self->sock_recv.received, text);
    if (ends("error") || ends("suppress"))
        RAISE(E_VALUE, "%s", text);
    stage_say(self->stage, "%s", text);
    END;
}

/* --- Exits that await ---------------------------------------------------- */

struct goodbye {
    struct coro coro;
    struct stage *stage;
    struct sleep sleep;
};
ASYNC_DECLARE(goodbye);

ASYNC(goodbye)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = stage_ns(self->stage, 1));
    stage_say(self->stage, "Wrote the log entry");
    END;
}

/* await shield(goodbye()), by hand: it runs in a task of its own, and we
 * wait for a future that nobody else has. Cancelled, only our waiting ends.
 * Lesson 14 has this as shield(). */
struct apart {
    struct coro coro;
    struct coro *inner;
    struct task *task;
    struct callback over;
    struct future released;
};
ASYNC_DECLARE(apart);

static void release(struct callback *callback)
{
    struct apart *self = CONTAINER(callback, struct apart, over);

    if (!future_done(&self->released))
        future_set_result(&self->released);
}

ASYNC(apart)
{
    BEGIN;
    future_init(&self->released, task_loop(task), FUTURE_PLAIN);
    self->over.run = release;
    task_create(task_loop(task), self->task, "goodbye", self->inner);
    future_add_callback(&self->task->future, &self->over);
    CATCH_AWAIT_FUTURE(&self->released);
    future_remove_callback(&self->task->future, &self->over);
    RERAISE(task->outcome);
    END;
}

/* --- The peer ------------------------------------------------------------ */

/* Connects, waits, sends, waits for the server to hang up. */
struct peer {
    struct coro coro;
    struct stage *stage;
    const struct address *address;
    struct open_socket socket;
    struct cleanup closing;
    const char *words; /* NULL: says nothing */
    char byte;
    union {
        struct sleep sleep;
        struct dial dial;
        struct sock_sendall sock_sendall;
        struct sock_recv sock_recv;
    };
};
ASYNC_DECLARE(peer);

/* Nested: the first peer is the outer manager's, and nobody would read what
 * it says; closing on unread bytes is a reset instead of an end. */
static const char *words(int peer)
{
    if (strncmp(ending, "cancel", 6) == 0 || ends("shield")
        || (ends("nested") && peer == 0))
        return NULL;
    return ends("error") || ends("suppress") ? "boom" : "\033[A";
}

ASYNC(peer)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = stage_ns(self->stage, 0.5));
    AWAIT(dial, .address = self->address, .fd = &self->socket.fd);
    self->socket.loop = task_loop(task);
    DEFER(&self->closing, close_socket, &self->socket);
    AWAIT(sleep, .delay_ns = stage_ns(self->stage, 0.5));
    if (self->words != NULL)
        AWAIT(sock_sendall, .fd = self->socket.fd, .data = self->words,
              .size = strlen(self->words));
    do {
        AWAIT(sock_recv, .fd = self->socket.fd, .buffer = &self->byte,
              .size = 1);
    } while (self->sock_recv.received > 0);
    stage_say(self->stage, "peer: read after server side finished: b''");
    END;
}

/* --- The show ------------------------------------------------------------ */

enum { PEERS = 3 };

struct show {
    struct coro coro;
    struct stage *stage;
    struct address address;
    struct open_socket listener;
    struct cleanup closing;
    struct voice voice, outer_voice;
    int fd, outer_fd, at;
    struct task server, goodbye_task, clients[PEERS];
    struct connected_socket outer, connected_socket;
    struct echo_server echo_server;
    struct talk talk;
    struct goodbye goodbye;
    struct apart apart;
    struct peer peers[PEERS];
    struct sleep sleep;
};
ASYNC_DECLARE(show);

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

static struct coro *bye(struct show *self)
{
    struct coro *coro;

    if (!ends("bye") && !ends("cancel-twice") && !ends("shield"))
        return NULL;
    coro = CALL(goodbye, .stage = self->stage);
    if (ends("shield"))
        coro = CALL(apart, .inner = coro, .task = &self->goodbye_task);
    return coro;
}

/* The coroutine of the server's task. */
static struct coro *server(struct show *self)
{
    struct coro *manager;

    if (serve)
        return CALL(echo_server, .listener = self->listener.fd);
    self->voice = (struct voice){ self->stage, ends("nested") ? "  inner: "
                                                              : "" };
    manager = CALL(connected_socket, .listener = self->listener.fd,
                   .fd = &self->fd, .say = say_line, .arg = &self->voice,
                   .bye = bye(self), .suppress = ends("suppress"),
                   .body = CALL(talk, .stage = self->stage,
                                .fd = &self->fd));
    if (!ends("nested"))
        return manager;
    self->outer_voice = (struct voice){ self->stage, "outer: " };
    self->outer = (struct connected_socket){ CORO(connected_socket),
        .listener = self->listener.fd, .fd = &self->outer_fd,
        .say = say_line, .arg = &self->outer_voice,
        .body = manager };
    return &self->outer.coro;
}

/* How many peers of our own the show has. */
static int peers(void)
{
    if (port != NULL || ends("cancel-early"))
        return 0;
    return serve ? 3 : ends("nested") ? 2 : 1;
}

static void start_peers(struct show *self)
{
    for (int i = 0; i < peers(); i++) {
        self->peers[i] = (struct peer){ CORO(peer), .stage = self->stage,
            .address = &self->address, .words = words(i) };
        task_create(self->stage->loop, &self->clients[i], "client",
                    &self->peers[i].coro);
    }
}

static void cancel_server(struct show *self)
{
    stage_say(self->stage, "cancel -> %s",
              task_cancel(&self->server) ? "True" : "False");
}

static double seconds_to_cancel(void)
{
    return ends("cancel-early") ? 1 : 1.5;
}

static bool cancels(void)
{
    return strncmp(ending, "cancel", 6) == 0 || ends("shield")
        || (serve && port == NULL);
}

static void say_caught(struct show *self, const struct task *task)
{
    if (task->outcome == E_VALUE)
        stage_say(self->stage, "caught ValueError(%s)", task->error.text);
    else if (task->outcome != 0)
        stage_say(self->stage, "caught %s%s",
                  stage_python_name(task->outcome), ends("cancel-early")
                  ? "; __aexit__ was NOT run" : "");
    else if (ends("suppress"))
        stage_say(self->stage, "caught nothing: the exit suppressed it");
    if (serve)
        stage_say(self->stage, "served %zu", self->echo_server.served);
}

static bool known_ending(void)
{
    static const char *const all[] = { "return", "error", "cancel",
        "cancel-early", "bye", "cancel-twice", "shield", "nested",
        "suppress" };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (ends(all[i]))
            return true;
    return false;
}

ASYNC(show)
{
    char text[ADDRESS_TEXT];

    BEGIN;
    if (!known_ending())
        RAISE(E_VALUE, "--ending %s: no such way out", ending);
    if (listen_here(self, &task->error) != 0)
        RERAISE(task->error.code);
    DEFER(&self->closing, close_socket, &self->listener);
    if (port != NULL)
        stage_say(self->stage, "listening on %s",
                  address_text(&self->address, text));
    task_create(task_loop(task), &self->server, "server", server(self));
    start_peers(self);
    if (cancels()) {
        AWAIT(sleep, .delay_ns = stage_ns(self->stage, seconds_to_cancel()));
        cancel_server(self);
    }
    if (ends("cancel-twice") || ends("shield")) {
        AWAIT(sleep, .delay_ns = stage_ns(self->stage, 0.5));
        cancel_server(self);
    }
    CATCH_AWAIT_FUTURE(&self->server.future);
    if (task->outcome == E_CANCELLED && task->cancelling > 0)
        RERAISE(E_CANCELLED); /* Ctrl-C: it came to us, and went down */
    say_caught(self, task);
    for (self->at = 0; self->at < peers(); self->at++)
        AWAIT_FUTURE(&self->clients[self->at].future);
    if (ends("shield"))
        AWAIT_FUTURE(&self->goodbye_task.future);
    END;
}

int main(int argc, char **argv)
{
    const struct option more[] = {
        { "--ending", &ending, NULL, "HOW", "return, error, cancel, "
          "cancel-early, bye, cancel-twice, shield, nested, suppress" },
        { "--serve", NULL, &serve, NULL, "serve many; cancelled, or Ctrl-C" },
        { "--port", &port, NULL, "N",
          "wait for your client there (try nc); 0: any" },
        { NULL, NULL, NULL, NULL, NULL }
    };
    struct stage stage = { .no_origin = true, .more = more,
        .about = "accept with cleanup on every way out; Ctrl-C is one" };
    static struct show show = { CORO(show) };
    int status;

    show.stage = &stage;
    status = stage_run(&stage, argc, argv, &show.coro);
    return known_ending() ? status : 2;
}
