/* origin_test.c - the demo server under clients that mean no good. */
#include "check.h"

#include "stage/origin.h"

#include <string.h>

enum { SLOW = 200 };

/* Sends a head one byte a second, and waits for what comes of it. */
struct client {
    struct coro coro;
    const struct address *address;
    const char *head;
    size_t at;
    int64_t pause_ns;
    int status;
    int64_t began_ns, ended_ns;
    struct open_socket socket;
    struct cleanup closing;
    char bytes[1024];
    union {
        struct dial dial;
        struct sleep sleep;
        struct sock_sendall sock_sendall;
        struct sock_recv sock_recv;
    };
    struct task task;
};
ASYNC_DECLARE(client);

ASYNC(client)
{
    BEGIN;
    self->began_ns = loop_now(task_loop(task));
    self->socket = (struct open_socket){ task_loop(task), -1 };
    AWAIT(dial, .address = self->address, .fd = &self->socket.fd);
    DEFER(&self->closing, close_socket, &self->socket);
    for (; self->head[self->at] != '\0' && self->at < 9; self->at++) {
        AWAIT(sock_sendall, .fd = self->socket.fd,
              .data = self->head + self->at,
              .size = self->pause_ns > 0 ? 1 : strlen(self->head));
        if (self->pause_ns == 0)
            break;
        AWAIT(sleep, .delay_ns = self->pause_ns);
    }
    AWAIT(sock_recv, .fd = self->socket.fd, .buffer = self->bytes,
          .size = sizeof self->bytes - 1);
    self->bytes[self->sock_recv.received] = '\0';
    if (strncmp(self->bytes, "HTTP/1.1 ", 9) == 0)
        self->status = (self->bytes[9] - '0') * 100
            + (self->bytes[10] - '0') * 10 + self->bytes[11] - '0';
    self->ended_ns = loop_now(task_loop(task));
    END;
}

struct siege {
    struct coro coro;
    struct origin origin;
    struct client slow[SLOW], quick;
    struct sleep sleep;
    size_t answered;
    int i;
};
ASYNC_DECLARE(siege);

static const char head[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

static void begin(struct siege *self, struct client *client, int64_t pause)
{
    *client = (struct client){ CORO(client), .head = head,
                               .address = &self->origin.address,
                               .pause_ns = pause };
    task_create(self->origin.loop, &client->task, "client", &client->coro);
}

ASYNC(siege)
{
    BEGIN;
    for (self->i = 0; self->i < SLOW; self->i++)
        begin(self, &self->slow[self->i], SECONDS(1));
    AWAIT(sleep, .delay_ns = SECONDS(2));
    begin(self, &self->quick, 0);
    AWAIT_FUTURE(&self->quick.task.future);
    AWAIT(sleep, .delay_ns = SECONDS(4));
    /* They still send, but their five seconds are over. */
    self->answered = self->origin.requests;
    for (self->i = 0; self->i < SLOW; self->i++)
        AWAIT_FUTURE(&self->slow[self->i].task.future);
    END;
}

TEST(slow_heads_end_with_408_and_nobody_waits_for_them)
{
    static struct siege siege = { CORO(siege) };
    struct error error;
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(0, origin_start(&siege.origin, &lab.loop, "127.0.0.1", 0,
                               &error));
    CHECK_CODE(0, lab_run(&lab, &siege.coro));
    for (int i = 0; i < SLOW; i++)
        CHECK_INT(408, siege.slow[i].status);
    CHECK_INT(SLOW + 1, siege.answered);
    CHECK_INT(200, siege.quick.status);
    CHECK(siege.quick.ended_ns - siege.quick.began_ns < MILLISECONDS(50));
    lab_close(&lab);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(slow_heads_end_with_408_and_nobody_waits_for_them),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
