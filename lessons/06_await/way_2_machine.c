/* way_2_machine.c - one GET as a state machine: a struct, a number that
 * says where it stands, a switch. Every macro of the coroutine in
 * way_3_coroutine.c, expanded by hand and with names for the states.
 *
 * Each wait has the same shape: build the callee, remember the state, and
 * poll it. Not done: return, and come back to the `case`. Failed: so have
 * we. The goto jumps over the label, so that no statement falls through.
 */
#include "06_await/ways.h"

#include <string.h>

enum { START = CORO_FRESH, CONNECTING, SENDING, RECEIVING };

static struct step machine_get_run(struct coro *coro, struct task *task)
{
    struct machine_get *self = (struct machine_get *)(void *)coro;

    switch (self->coro.pc) {
    case START:
        self->sock_connect = (struct sock_connect){
            .coro.type = &sock_connect_type,
            .fd = self->fd, .address = self->address, .coro.pc = START };
        self->coro.callee = &self->sock_connect.coro;
        self->coro.pc = CONNECTING;
        goto connecting;
    case CONNECTING:
    connecting:
        if (!coro_poll(self->coro.callee, task).done)
            return (struct step){ false };
        if (self->coro.callee->error != 0)
            return coro_leave(&self->coro, task, self->coro.callee->error);

        self->sock_sendall = (struct sock_sendall){
            .coro.type = &sock_sendall_type,
            .fd = self->fd, .data = self->request,
            .size = strlen(self->request), .coro.pc = START };
        self->coro.callee = &self->sock_sendall.coro;
        self->coro.pc = SENDING;
        goto sending;
    case SENDING:
    sending:
        if (!coro_poll(self->coro.callee, task).done)
            return (struct step){ false };
        if (self->coro.callee->error != 0)
            return coro_leave(&self->coro, task, self->coro.callee->error);

        while (self->status == 0) {
            self->sock_recv = (struct sock_recv){
                .coro.type = &sock_recv_type,
                .fd = self->fd, .buffer = self->answer + self->used,
                .size = ANSWER_SIZE - self->used, .coro.pc = START };
            self->coro.callee = &self->sock_recv.coro;
            self->coro.pc = RECEIVING;
            goto receiving;
    case RECEIVING:
    receiving:
            if (!coro_poll(self->coro.callee, task).done)
                return (struct step){ false };
            if (self->coro.callee->error != 0)
                return coro_leave(&self->coro, task,
                                  self->coro.callee->error);
            if (self->sock_recv.received == 0)
                return coro_leave(&self->coro, task,
                                  error_set(&task->error, E_DISCONNECTED,
                                            "GET: closed without an answer"));
            self->used += self->sock_recv.received;
            self->status = status_of(self->answer, self->used);
        }
        return coro_leave(&self->coro, task, 0);
    default:
        coro_lost(&self->coro);
    }
}

const struct coro_type machine_get_type = {
    machine_get_run, "machine_get", __FILE__
};
