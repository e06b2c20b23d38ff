/* demo.c - three children; then openssl as a child, on both sides: one is the
 * server, with a certificate made on the spot, others speak TLS for us. And
 * any URL that you name.
 *
 * Children live in real time, so this demo does, too: with --speed max a
 * child has no time to say goodbye.
 */
#include "15_resolve/shared_resolver.h"
#include "17_https/https.h"

#include "stage/stage.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *ca_file;

/* ---- A child, and a task that tends it. ---- */

struct tended {
    struct child child;
    struct child_wait child_wait;
    struct task task;
    struct callback ended;
    char said[128]; /* the beginning of it */
};

static void heard(struct child *child, const char *piece, size_t size)
{
    struct tended *self = CONTAINER(child, struct tended, child);
    size_t used = strlen(self->said), room = sizeof self->said - 1 - used;

    memcpy(self->said + used, piece, size < room ? size : room);
}

/* Cancelled before its first step, child_wait has reaped nobody. */
static void ended(struct callback *callback)
{
    struct tended *self = CONTAINER(callback, struct tended, ended);

    if (self->child.pid != 0)
        child_reap(&self->child);
}

static int start(struct tended *self, struct loop *loop,
                 const char *const *argv, struct error *error)
{
    *self = (struct tended){ .child.fd = -1 };
    if (child_start(&self->child, loop, argv, error) != 0)
        return error->code;
    self->child_wait = (struct child_wait){ CORO(child_wait),
        .child = &self->child, .heard = heard };
    self->ended.run = ended;
    future_add_callback(task_create(loop, &self->task, argv[0],
                                    &self->child_wait.coro), &self->ended);
    return 0;
}

static void close_tended(void *tended)
{
    struct tended *self = tended;

    child_close(&self->child);
}

static void say_end(struct stage *stage, const char *name,
                    const struct tended *self)
{
    int status = self->child.status;

    if (WIFSIGNALED(status))
        stage_say(stage, "%s: killed by signal %d", name, WTERMSIG(status));
    else
        stage_say(stage, "%s: exit status %d", name, WEXITSTATUS(status));
}

/* ---- Three of them. ---- */

struct children {
    struct coro coro;
    struct stage *stage;
    struct tended tended;
    struct cleanup closing;
    char bytes[64];
    union {
        struct sock_sendall sock_sendall;
        struct sock_recv sock_recv;
        struct sleep sleep;
    };
};
ASYNC_DECLARE(children);

static int begin(struct children *self, const char *const *argv,
                 struct error *error)
{
    close_tended(&self->tended);
    return start(&self->tended, self->stage->loop, argv, error);
}

ASYNC(children)
{
    static const char *const cat[] = { "cat", NULL };
    static const char *const sorry[] = { "sh", "-c", "echo sorry >&2; exit 3",
                                         NULL };
    static const char *const nap[] = { "sleep", "1000", NULL };

    BEGIN;
    self->tended.child.fd = -1;
    DEFER(&self->closing, close_tended, &self->tended);
    if (begin(self, cat, &task->error) != 0)
        RERAISE(task->error.code);
    AWAIT(sock_sendall, .fd = self->tended.child.fd, .data = "hello",
          .size = 5);
    AWAIT(sock_recv, .fd = self->tended.child.fd, .buffer = self->bytes,
          .size = sizeof self->bytes - 1);
    stage_say(self->stage, "cat: %s", self->bytes);
    child_close(&self->tended.child);
    AWAIT_FUTURE(&self->tended.task.future);
    say_end(self->stage, "cat", &self->tended);
    if (begin(self, sorry, &task->error) != 0)
        RERAISE(task->error.code);
    AWAIT_FUTURE(&self->tended.task.future);
    stage_say(self->stage, "sh, on its standard error: %.*s",
              (int)strcspn(self->tended.said, "\n"), self->tended.said);
    say_end(self->stage, "sh", &self->tended);
    if (begin(self, nap, &task->error) != 0)
        RERAISE(task->error.code);
    AWAIT(sleep, .delay_ns = stage_ns(self->stage, 1));
    task_cancel(&self->tended.task);
    CATCH_AWAIT_FUTURE(&self->tended.task.future);
    stage_say(self->stage, "sleep 1000: %s",
              stage_python_name(task->outcome));
    say_end(self->stage, "sleep 1000", &self->tended);
    END;
}

/* ---- A GET, and how it ended. ---- */

struct look {
    struct coro coro;
    struct stage *stage;
    const char *url, *ca_file;
    struct executor executor;
    struct shared_resolver resolver;
    struct https https;
    struct session session;
    struct cleanup executing;
    struct async_cleanup closing;
    struct session_close session_close;
    size_t bytes;
    int status;
    union {
        struct request request;
        struct {
            struct response response;
            struct response_read response_read;
        };
    };
};
ASYNC_DECLARE(look);

static int open_session(struct look *self, struct error *error)
{
    struct session_options options = SESSION_DEFAULTS;
    struct loop *loop = self->stage->loop;

    if (executor_open(&self->executor, loop, 1, error) != 0)
        return error->code;
    shared_resolver_open(&self->resolver, &self->executor);
    https_open(&self->https, loop);
    self->https.ca_file = self->ca_file;
    options.resolver = &self->resolver.resolver;
    options.tls = &self->https.tls;
    session_open(&self->session, loop, options);
    return 0;
}

ASYNC(look)
{
    struct response response;

    BEGIN;
    if (open_session(self, &task->error) != 0)
        RERAISE(task->error.code);
    DEFER(&self->executing, executor_close, &self->executor);
    DEFER_AWAIT(&self->closing,
                CALL(session_close, .session = &self->session));
    AWAIT(request, .session = &self->session, .url = self->url);
    response = self->request.response;
    self->response = response;
    self->status = self->response.status;
    do {
        TRY_AWAIT(response_read, .response = &self->response);
        self->bytes += self->response_read.piece.len;
    } while (self->response_read.coro.error == 0
             && self->response_read.piece.len > 0);
    response_close(&self->response);
    if (self->response_read.coro.error != 0)
        RERAISE(self->response_read.coro.error);
    stage_say(self->stage, "%s: status %d, %zu bytes", self->url,
              self->status, self->bytes);
    END;
}

/* ---- openssl on both sides. ---- */

struct local {
    struct coro coro;
    struct stage *stage;
    char folder[64], key[96], certificate[96], url[64];
    struct tended openssl;
    struct cleanup removing, closing;
    char bytes[256];
    size_t length;
    union {
        struct sock_recv sock_recv;
        struct look look;
    };
};
ASYNC_DECLARE(local);

static void clear_away(void *local)
{
    struct local *self = local;

    unlink(self->key);
    unlink(self->certificate);
    rmdir(self->folder);
}

static void kill_server(void *local)
{
    struct local *self = local;

    child_kill(&self->openssl.child);
    close_tended(&self->openssl);
}

/* For 127.0.0.1 and nobody else, signed by itself. */
static int make_certificate(struct local *self, struct error *error)
{
    const char *const argv[] = { "openssl", "req", "-x509", "-newkey", "ec",
        "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
        "-keyout", self->key, "-out", self->certificate, NULL };
    const char *base = getenv("TMPDIR");

    snprintf(self->folder, sizeof self->folder, "%.40s/https.XXXXXX",
             base != NULL ? base : "/tmp");
    if (mkdtemp(self->folder) == NULL)
        return error_set_errno(error, errno, "mkdtemp %s", self->folder);
    snprintf(self->key, sizeof self->key, "%s/key.pem", self->folder);
    snprintf(self->certificate, sizeof self->certificate, "%s/cert.pem",
             self->folder);
    return start(&self->openssl, self->stage->loop, argv, error);
}

static int start_server(struct local *self, struct error *error)
{
    const char *const argv[] = { "openssl", "s_server", "-www", "-accept",
        "127.0.0.1:0", "-key", self->key, "-cert", self->certificate, NULL };

    return start(&self->openssl, self->stage->loop, argv, error);
}

static void say_error(struct stage *stage, const struct error *error)
{
    stage_say(stage, "%s: %s", error_name(error->code), error->text);
}

/* "ACCEPT 127.0.0.1:PORT" is what s_server says when it listens. */
static bool listens(struct local *self)
{
    const char *accept, *colon;

    self->bytes[self->length] = '\0';
    accept = strstr(self->bytes, "ACCEPT ");
    colon = accept != NULL ? strchr(accept, ':') : NULL;
    if (colon == NULL || strchr(colon, '\n') == NULL)
        return false;
    snprintf(self->url, sizeof self->url, "https://127.0.0.1:%d/",
             atoi(colon + 1));
    return true;
}

ASYNC(local)
{
    BEGIN;
    self->openssl.child.fd = -1;
    DEFER(&self->removing, clear_away, self);
    if (make_certificate(self, &task->error) != 0)
        RERAISE(task->error.code);
    DEFER(&self->closing, kill_server, self);
    AWAIT_FUTURE(&self->openssl.task.future);
    close_tended(&self->openssl);
    if (self->openssl.child.status != 0)
        RAISE(E_RUNTIME, "openssl req: %s", self->openssl.said);
    if (start_server(self, &task->error) != 0)
        RERAISE(task->error.code);
    while (!listens(self)) {
        AWAIT(sock_recv, .fd = self->openssl.child.fd,
              .buffer = self->bytes + self->length,
              .size = sizeof self->bytes - 1 - self->length);
        if (self->sock_recv.received == 0)
            RAISE(E_RUNTIME, "openssl s_server: %s", self->openssl.said);
        self->length += self->sock_recv.received;
    }
    stage_say(self->stage, "a server, whose certificate says 127.0.0.1");
    AWAIT(look, .stage = self->stage, .url = self->url,
          .ca_file = self->certificate);
    stage_say(self->stage, "the same, and we do not trust it:");
    TRY_AWAIT(look, .stage = self->stage, .url = self->url);
    if (self->look.coro.error != 0)
        say_error(self->stage, &task->error);
    stage_say(self->stage, "the same, by another name:");
    snprintf(self->bytes, sizeof self->bytes, "https://localhost%s",
             strrchr(self->url, ':'));
    TRY_AWAIT(look, .stage = self->stage, .url = self->bytes,
              .ca_file = self->certificate);
    if (self->look.coro.error != 0)
        say_error(self->stage, &task->error);
    END;
}

struct show {
    struct coro coro;
    struct stage *stage;
    union {
        struct children children;
        struct local local;
        struct look look;
    };
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    if (self->stage->given_url != NULL) {
        AWAIT(look, .stage = self->stage, .url = self->stage->url,
              .ca_file = ca_file);
        RETURN();
    }
    if (stage_part(self->stage, "children"))
        AWAIT(children, .stage = self->stage);
    if (stage_part(self->stage, "https"))
        AWAIT(local, .stage = self->stage);
    END;
}

int main(int argc, char **argv)
{
    static struct show show = { CORO(show) };
    const struct option more[] = {
        { "--ca", &ca_file, NULL, "FILE",
          "with --url: trust these certificates (PEM) and no others" },
        { NULL, NULL, NULL, NULL, NULL }
    };
    struct stage stage = { .more = more, .speaks_tls = true,
        .parts = "children or https",
        .about = "other programs as fds, and TLS by one of them" };

    show.stage = &stage;
    return stage_run(&stage, argc, argv, &show.coro);
}
