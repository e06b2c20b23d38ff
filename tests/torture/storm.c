/* storm.c - see storm.h. */
#include "storm.h"

#include <string.h>

size_t roll(uint64_t *dice, size_t n)
{
    uint64_t x;

    *dice += UINT64_C(0x9e3779b97f4a7c15);
    x = (*dice ^ *dice >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (size_t)((x ^ x >> 31) % n);
}

/* --- The children -------------------------------------------------------- */

static void take(struct child *child, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++, child->got++)
        if (child->got >= child->size || bytes[i] != (child->wanted != NULL
                                          ? child->wanted[child->got] : 'x'))
            child->wrong = true;
}

static void count_out(void *child)
{
    ((struct child *)child)->ended++;
}

ASYNC(errand)
{
    struct child *child = self->child;
    struct timed_request *asked = &self->timed_request;

    BEGIN;
    child->began++;
    DEFER(&self->counting, count_out, child);
    if (child->nap_ns > 0)
        AWAIT(sleep, .delay_ns = child->nap_ns);
    AWAIT(timed_request, .limits = child->limits,
          .request = { .session = &child->storm->session,
                       .method = child->method, .url = child->url,
                       .body = child->sent,
                       .body_size = child->wanted == child->sent
                           ? child->size : 0 });
    DEFER(&self->closing, response_close, &asked->request.response);
    child->status = asked->request.response.status;
    if (child_was_refused(child))
        RETURN();
    do {
        if (child->leaves && child->got > 0)
            RETURN();
        AWAIT(timed_read, .from = asked);
        take(child, self->timed_read.piece.at, self->timed_read.piece.len);
    } while (self->timed_read.piece.len > 0);
    END;
}

ASYNC(guest)
{
    struct child *child = self->child;

    BEGIN;
    child->began++;
    DEFER(&self->counting, count_out, child);
    self->socket = (struct open_socket){ task_loop(task), -1 };
    AWAIT(dial, .address = &child->storm->echo_address,
          .fd = &self->socket.fd);
    DEFER(&self->closing, close_socket, &self->socket);
    AWAIT(sock_sendall, .fd = self->socket.fd, .data = child->sent,
          .size = child->size);
    while (child->got < child->size && !child->leaves) {
        AWAIT(sock_recv, .fd = self->socket.fd, .buffer = self->in,
              .size = sizeof self->in);
        if (self->sock_recv.received == 0)
            RAISE(E_EOF, "echo: closed after %zu bytes", child->got);
        take(child, self->in, self->sock_recv.received);
    }
    END;
}

/* --- The parent ---------------------------------------------------------- */

/* Where the server is gone and its listener is not, nobody answers: a guest
 * has five seconds of patience. */
static struct coro *prepare(struct child *child)
{
    char path[sizeof child->path];

    memcpy(path, child->path, sizeof path); /* gcc fears an overlap */
    snprintf(child->url, sizeof child->url, "http://127.0.0.1:%u%s",
             child->storm->port, path);
    child->errand = (struct errand){ CORO(errand), .child = child };
    child->guest = (struct guest){ CORO(guest), .child = child };
    child->patience = (struct timeout){ CORO(timeout),
        .delay_ns = SECONDS(5), .body = &child->guest.coro };
    return child->is_guest ? &child->patience.coro : &child->errand.coro;
}

static void create_children(struct storm *self, struct loop *loop)
{
    for (size_t i = 0; i < self->count; i++) {
        struct child *child = &self->children[i];

        self->futures[i] = task_create(loop, &child->in.task, child->name,
                                       prepare(child));
    }
}

ASYNC(spawn)
{
    BEGIN;
    for (size_t i = 0; i < self->storm->count; i++) {
        struct child *child = &self->storm->children[i];

        if (task_group_create_task(&self->storm->task_group, &child->in,
                                   child->name, prepare(child),
                                   &task->error))
            RERAISE(task->error.code);
    }
    END;
}

/* One cancel_rest is a member already. */
static struct coro *end_echo(struct storm *self)
{
    self->cancel_echo = (struct cancel_rest){ CORO(cancel_rest),
        .futures = self->echo_future, .count = 1 };
    return &self->cancel_echo.coro;
}

static void let_go(void *storm)
{
    struct storm *self = storm;

    as_completed_close(&self->as_completed);
    shield_close(&self->shield);
    gather_close(&self->gather);
}

ASYNC(storm)
{
    struct loop *loop = task_loop(task);

    BEGIN;
    session_open(&self->session, loop, self->options);
    DEFER_AWAIT(&self->closing,
                CALL(session_close, .session = &self->session));
    self->echo_server = (struct echo_server){ CORO(echo_server),
        .listener = self->echo_listener.fd };
    self->echo_future[0] = task_create(loop, &self->echo_task, "echo",
                                       &self->echo_server.coro);
    DEFER_AWAIT(&self->echo_ending, end_echo(self));
    if (self->way == GROUP) {
        AWAIT(task_group, .body = CALL(spawn, .storm = self));
        RETURN();
    }
    create_children(self, loop);
    DEFER(&self->letting_go, let_go, self);
    DEFER_AWAIT(&self->leaving, CALL(cancel_rest, .futures = self->futures,
                                     .count = self->count));
    if (self->way == GATHER) {
        AWAIT_FUTURE(gather(&self->gather, loop, self->gather_slots,
                            self->futures, self->count,
                            self->mode == 0 ? GATHER_RAISE : GATHER_RETURN));
    } else if (self->way == COMPLETED) {
        if (as_completed(&self->as_completed, loop, self->completed,
                         self->futures, self->count, self->limit) != 0) {
            memset(self->completed, 0, sizeof self->completed); /* is ours */
            RAISE(ENOMEM, "as_completed: no memory for one more timer");
        }
        while (self->as_completed.turns > 0)
            TRY_AWAIT(next_completed, .from = &self->as_completed);
    } else if (self->way == WAIT) {
        for (self->left = self->count; self->left > 0;
             self->left -= self->wait.done) {
            AWAIT(wait, .futures = self->futures + self->count - self->left,
                  .count = self->left, .slots = self->wait_slots,
                  .until = (enum wait_until)self->mode,
                  .timeout = self->limit);
            if (self->wait.done == 0)
                break;
        }
    } else {
        TRY_AWAIT(wait_for, .timeout = self->limit,
                  .future = shield(&self->shield, self->futures[0]));
        if (self->wait_for.coro.error == ENOMEM)
            RERAISE(ENOMEM);
        AWAIT_FUTURE(self->futures[self->count - 1]);
    }
    END;
}

/* --- The plan ------------------------------------------------------------ */

static int64_t some_time(uint64_t *dice)
{
    static const int64_t times[] = {
        0, 0, MILLISECONDS(1), MILLISECONDS(500), SECONDS(2), SECONDS(30)
    };

    return times[roll(dice, sizeof times / sizeof times[0])];
}

static void plan_errand(struct child *child, uint64_t *dice)
{
    static const struct {
        const char *path, *wanted;
        size_t numbers; /* at its end; 0: none */
    } pages[] = {
        { "/echo", "", 0 }, { "/echo", "", 0 }, { "/bytes/", NULL, 3000 },
        { "/chunked/", NULL, 3000 }, { "/bytes/", NULL, 40000 },
        { "/delay/", "hello\n", 5 }, { "/redirect/", "hello\n", 12 },
        { "/status/404", "as you wish\n", 0 }, { "/drop", NULL, 0 },
        { "/rst", NULL, 0 }, { "/garbage", NULL, 0 },
    };
    const size_t page = roll(dice, sizeof pages / sizeof pages[0]);
    const size_t number = roll(dice, pages[page].numbers + 1);
    char digits[24] = "";

    if (pages[page].numbers > 0)
        snprintf(digits, sizeof digits, "%zu", number);
    snprintf(child->path, sizeof child->path, "%.12s%s", pages[page].path,
             digits);
    if (pages[page].wanted == NULL) {
        child->must_fail = pages[page].numbers == 0;
        child->wanted = NULL;
        child->size = number;
    } else if (*pages[page].wanted == '\0') {
        child->method = roll(dice, 2) == 0 ? "POST" : "PUT";
    } else {
        child->wanted = pages[page].wanted;
        child->size = strlen(child->wanted);
    }
    if (roll(dice, 3) == 0)
        return;
    child->limits.total = some_time(dice);
    child->limits.connect = some_time(dice);
    child->limits.sock_connect = some_time(dice);
    child->limits.sock_read = some_time(dice);
}

static void plan_child(struct child *child, uint64_t *dice)
{
    child->size = roll(dice, MOST_BYTES);
    for (size_t i = 0; i < sizeof child->sent; i++)
        child->sent[i] = (char)('!' + roll(dice, 90));
    child->leaves = roll(dice, 6) == 0;
    child->nap_ns = some_time(dice);
    child->wanted = child->sent;
    child->is_guest = roll(dice, 3) == 0;
    if (!child->is_guest)
        plan_errand(child, dice);
}

void storm_plan(struct storm *storm, uint64_t seed, size_t children)
{
    uint64_t dice = seed;

    memset(storm, 0, sizeof *storm);
    storm->coro.type = &storm_type;
    storm->way = (enum storm_way)roll(&dice, WAYS);
    storm->mode = (int)roll(&dice, storm->way == GATHER ? 2 : 3);
    storm->limit.set = roll(&dice, 2) == 0;
    storm->limit.ns = some_time(&dice);
    storm->options.limit = roll(&dice, 4);
    storm->options.limit_per_host = roll(&dice, 4);
    storm->options.keepalive_ns = some_time(&dice);
    storm->options.force_close = roll(&dice, 4) == 0;
    storm->count = 1 + roll(&dice, CHILDREN);
    if (storm->count > children)
        storm->count = children;
    for (size_t i = 0; i < storm->count; i++) {
        struct child *child = &storm->children[i];

        child->storm = storm;
        snprintf(child->name, sizeof child->name, "child %zu", i);
        plan_child(child, &dice);
    }
}

static double seconds(int64_t ns)
{
    return (double)ns / 1e9;
}

void storm_describe(const struct storm *storm, FILE *out)
{
    static const char *const ways[] = { "gather", "as_completed", "wait",
                                        "task_group", "shield" };

    fprintf(out, "%s, mode %d, limit %g s; session: limit %zu, per host %zu,"
            " keepalive %g s%s\n", ways[storm->way], storm->mode,
            storm->limit.set ? seconds(storm->limit.ns) : -1,
            storm->options.limit, storm->options.limit_per_host,
            seconds(storm->options.keepalive_ns),
            storm->options.force_close ? ", no reuse" : "");
    for (size_t i = 0; i < storm->count; i++) {
        const struct child *child = &storm->children[i];
        const struct client_timeout *limits = &child->limits;

        if (child->is_guest)
            fprintf(out, "%s: guest", child->name);
        else
            fprintf(out, "%s: %s %s after %g s, total %g connect %g "
                    "sock_connect %g sock_read %g", child->name,
                    child->method == NULL ? "GET" : child->method,
                    child->path, seconds(child->nap_ns),
                    seconds(limits->total), seconds(limits->connect),
                    seconds(limits->sock_connect),
                    seconds(limits->sock_read));
        fprintf(out, ", %zu bytes%s\n", child->size,
                child->leaves ? ", leaves early" : "");
    }
}
