/* 06_await_ways.c - one GET three ways: the same answers from all, and the
 * same steps from the two that are one code.
 *
 * The server is a task of the same loop. A scenario says what it does and
 * what the kernel does: bytes one at a time, calls that would block. After
 * each step the test writes down which state the GET is in, whom it awaits
 * and for which events; that log must be the same for both.
 */
#include "06_await/ways.h"
#include "check.h"
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>

enum way { CALLBACKS, MACHINE, COROUTINE };

static const char ask[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/* One connection: reads the request, answers, closes. */
struct server {
    struct coro coro;
    int listener;
    const char *answer;
    int64_t thinks_ns;
    char heard[sizeof ask];
    size_t used;
    struct open_socket socket;
    struct cleanup closing;
    struct sock_accept sock_accept;
    struct sock_recv sock_recv;
    struct sock_sendall sock_sendall;
    struct sleep sleep;
};
ASYNC_DECLARE(server);

ASYNC(server)
{
    BEGIN;
    AWAIT(sock_accept, .listener = self->listener);
    self->socket = (struct open_socket){ task_loop(task),
                                         self->sock_accept.fd };
    DEFER(&self->closing, close_socket, &self->socket);
    while (self->used < sizeof ask - 1) {
        AWAIT(sock_recv, .fd = self->socket.fd,
              .buffer = self->heard + self->used,
              .size = sizeof ask - 1 - self->used);
        if (self->sock_recv.received == 0)
            RETURN();
        self->used += self->sock_recv.received;
    }
    AWAIT(sleep, .delay_ns = self->thinks_ns);
    AWAIT(sock_sendall, .fd = self->socket.fd, .data = self->answer,
          .size = strlen(self->answer));
    END;
}

struct scenario {
    const char *name, *answer;
    bool refused; /* nobody listens */
    size_t at_most;
    int recv_blocks, send_blocks; /* EAGAIN so often at first */
    int code, status;             /* how it must end          */
};

static const struct scenario scenarios[] = {
    { "plain", "HTTP/1.1 200 OK\r\n\r\n", false, 0, 0, 0, 0, 200 },
    { "another status", "HTTP/1.1 404 No\r\n\r\n", false, 0, 0, 0, 0, 404 },
    { "a byte at a time", "HTTP/1.1 200 OK\r\n\r\n", false, 1, 0, 0, 0,
      200 },
    { "calls that block", "HTTP/1.1 201 OK\r\n\r\n", false, 5, 3, 2, 0,
      201 },
    { "no answer", "", false, 0, 0, 0, E_DISCONNECTED, 0 },
    { "half an answer", "HTTP/1.1 2", false, 0, 0, 0, E_DISCONNECTED, 0 },
    { "refused", "", true, 0, 0, 0, ECONNREFUSED, 0 },
};

/* Everything of one run. */
struct stand {
    struct faults faults;
    struct lab lab;
    struct loop_hook hook;
    struct address address;
    int listener, fd;
    struct server server;
    struct task server_task, client_task;
    struct callback_get callbacks;
    struct machine_get machine;
    struct coroutine_get coroutine;
    enum way way;
    struct coro *client;
    int states[8], state_count; /* pc of each state, as they appear */
    int parked;                 /* how often the client has parked  */
    struct callback cancel;
    int cancel_at;              /* ask it to end at this parking    */
};

/* What a run did, line by line; one log for each way. */
static char logs[3][1 << 14];

__attribute__((format(printf, 2, 3)))
static void note(const struct stand *stand, const char *format, ...)
{
    char *log = logs[stand->way];
    size_t used = strlen(log);
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = vsnprintf(log + used, sizeof logs[0] - used, format, arguments);
    va_end(arguments);
    CHECK(n >= 0 && used + (size_t)n + 1 < sizeof logs[0]);
    strcat(log, "\n");
}

/* The place of a pc among those seen: 1 is the first state that waits.
 * Lines for one, an enum for the other: only their order can be compared. */
static int state_number(struct stand *stand, int pc)
{
    for (int i = 0; i < stand->state_count; i++)
        if (stand->states[i] == pc)
            return i + 1;
    CHECK(stand->state_count < (int)COUNT(stand->states));
    stand->states[stand->state_count] = pc;
    stand->state_count++;
    return stand->state_count;
}

static const char *waits_for(struct future *on)
{
    if (on == NULL)
        return "its turn";
    return CONTAINER(on, struct watch, ready)->events == POLLIN ? "POLLIN"
                                                                : "POLLOUT";
}

static void write_down(struct loop_hook *hook, struct loop *loop,
                       const struct loop_event *event)
{
    struct stand *stand = CONTAINER(hook, struct stand, hook);
    const struct coro *client = stand->client;

    if (event->task != &stand->client_task)
        return;
    if (event->kind == EVENT_TASK_DONE)
        note(stand, "ends with %s", error_name(event->code));
    if (event->kind != EVENT_PARKED)
        return;
    stand->parked++;
    note(stand, "state %d awaits %s, for %s", state_number(stand, client->pc),
        client->callee->type->name,
        waits_for(stand->client_task.waiting_on));
    if (stand->parked == stand->cancel_at)
        loop_call_soon(loop, &stand->cancel);
}

static void cancel_client(struct callback *callback)
{
    task_cancel(&CONTAINER(callback, struct stand, cancel)->client_task);
}

static void set_up(struct stand *stand, const struct scenario *scenario)
{
    struct error error;

    *stand = (struct stand){ .hook.tell = write_down,
                             .cancel.run = cancel_client };
    faults_open(&stand->faults);
    lab_open_with(&stand->lab, (struct loop_options){
        .virtual_time = true, .sys = stand->faults.sys });
    stand->lab.loop.hook = &stand->hook;
    CHECK_CODE(0, address_parse(&stand->address, "127.0.0.1", 0, &error));
    if (scenario->refused)
        stand->listener = deaf_socket(&stand->address);
    else
        CHECK_CODE(0, net_listen(&stand->lab.loop, &stand->address, 1,
                                 &stand->listener, &error));
    stand->fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(stand->fd >= 0);
    CHECK_INT(0, fcntl(stand->fd, F_SETFL, O_NONBLOCK));
    stand->server = (struct server){ CORO(server),
        .listener = stand->listener, .answer = scenario->answer,
        .thinks_ns = SECONDS(1) };
    if (!scenario->refused)
        task_create(&stand->lab.loop, &stand->server_task, "server",
                    &stand->server.coro);
    stand->faults.at_most = scenario->at_most;
    if (scenario->recv_blocks > 0)
        faults_fail(&stand->faults, CALL_RECV, EAGAIN,
                    scenario->recv_blocks);
    if (scenario->send_blocks > 0)
        faults_fail(&stand->faults, CALL_SEND, EAGAIN,
                    scenario->send_blocks);
}

static struct future *start(struct stand *stand, enum way way)
{
    stand->callbacks = (struct callback_get){ .fd = stand->fd,
        .address = &stand->address, .request = ask };
    stand->machine = (struct machine_get){ CORO(machine_get),
        .fd = stand->fd, .address = &stand->address, .request = ask };
    stand->coroutine = (struct coroutine_get){ CORO(coroutine_get),
        .fd = stand->fd, .address = &stand->address, .request = ask };
    if (way == CALLBACKS) {
        callback_get_start(&stand->callbacks, &stand->lab.loop);
        return &stand->callbacks.done;
    }
    stand->client = way == MACHINE ? &stand->machine.coro
                                   : &stand->coroutine.coro;
    return task_create(&stand->lab.loop, &stand->client_task, "client",
                       stand->client);
}

static void tear_down(struct stand *stand, const struct scenario *scenario)
{
    net_close(&stand->lab.loop, &stand->fd);
    if (!scenario->refused) {
        task_cancel(&stand->server_task);
        CHECK_CODE(0, loop_run_until(&stand->lab.loop,
                                     &stand->server_task.future));
    }
    net_close(&stand->lab.loop, &stand->listener);
    lab_close(&stand->lab);
}

static int status_by(const struct stand *stand, enum way way)
{
    if (way == CALLBACKS)
        return stand->callbacks.status;
    return way == MACHINE ? stand->machine.status : stand->coroutine.status;
}

/* Runs one GET and says how often it parked. */
static int get(enum way way, const struct scenario *scenario, int cancel_at)
{
    struct stand stand;
    struct future *done;

    set_up(&stand, scenario);
    stand.cancel_at = cancel_at;
    stand.way = way;
    logs[way][0] = '\0';
    done = start(&stand, way);
    CHECK_CODE(0, loop_run_until(&stand.lab.loop, done));
    if (cancel_at == 0 || stand.parked < cancel_at) {
        CHECK_CODE(scenario->code, future_outcome(done));
        CHECK_INT(scenario->status, status_by(&stand, way));
        if (scenario->code == 0)
            CHECK_STR(ask, stand.server.heard);
    } else {
        CHECK_CODE(E_CANCELLED, future_outcome(done));
    }
    tear_down(&stand, scenario);
    return stand.parked;
}

TEST(all_three_ways_get_the_same_answer)
{
    for (size_t i = 0; i < COUNT(scenarios); i++)
        for (int way = CALLBACKS; way <= COROUTINE; way++)
            get((enum way)way, &scenarios[i], 0);
}

/* The log of the machine, compared with that of the coroutine. */
static int compare(const struct scenario *scenario, int cancel_at)
{
    int parked = get(MACHINE, scenario, cancel_at);

    CHECK_INT(parked, get(COROUTINE, scenario, cancel_at));
    check_lines(__FILE__, __LINE__, scenario->name, logs[MACHINE],
                logs[COROUTINE]);
    return parked;
}

TEST(machine_and_coroutine_go_through_the_same_states)
{
    for (size_t i = 0; i < COUNT(scenarios); i++)
        CHECK(compare(&scenarios[i], 0) > 0 || scenarios[i].refused);
}

TEST(a_plain_get_waits_twice_to_be_connected_and_to_be_answered)
{
    get(MACHINE, &scenarios[0], 0);
    CHECK_STR("state 1 awaits sock_connect, for POLLOUT\n"
              "state 2 awaits sock_recv, for POLLIN\n"
              "ends with OK\n", logs[MACHINE]);
}

TEST(cancel_at_every_suspension)
{
    for (size_t i = 0; i < COUNT(scenarios); i++) {
        int k = 1;

        while (compare(&scenarios[i], k) >= k)
            k++;
    }
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(all_three_ways_get_the_same_answer),
        ENTRY(machine_and_coroutine_go_through_the_same_states),
        ENTRY(a_plain_get_waits_twice_to_be_connected_and_to_be_answered),
        ENTRY(cancel_at_every_suspension),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
