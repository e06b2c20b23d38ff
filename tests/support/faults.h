/* faults.h - a kernel that does as it is told.
 *
 * A struct sys that counts every call and lets the next few fail:
 *
 *     faults_open(&faults);
 *     faults_fail(&faults, CALL_RECV, EINTR, 1);
 *     faults_fail(&faults, CALL_RECV, EAGAIN, 2);
 *     faults.at_most = 1;                     // bytes a send or recv moves
 *     lab_open_with(&lab, (struct loop_options){ .sys = faults.sys });
 *
 * EINTR, EAGAIN, EAGAIN, and from then on the real recv, one byte a call.
 * connect: EINTR and EINPROGRESS are told after the real call was made,
 * because that is what they mean.
 *
 * And a kernel that does as it likes, for tests/torture: `whim` and `ready`
 * are asked about each call, and `clock_ns` makes waiting take no time.
 *
 * Left out: epoll_wait does not pass through struct sys; count polls by
 * lab.polls instead.
 */
#ifndef LAB_FAULTS_H
#define LAB_FAULTS_H

#include "sys.h"

#include <stdbool.h>

enum faults_call {
    CALL_POLL, CALL_SELECT, CALL_SOCKET, CALL_ACCEPT, CALL_CONNECT,
    CALL_RECV, CALL_SEND, CALL_CLOSE, CALL_RESIZE, CALLS
};

struct faults {
    const struct sys *sys; /* give this to the loop               */
    int calls[CALLS];      /* so far, failed ones included        */
    size_t at_most;        /* recv, send: bytes a call; 0: any    */
    int (*whim)(enum faults_call call); /* NULL, or the errno, 0 for none, of
                              a call that no script is for        */
    bool (*ready)(bool is); /* NULL, or what poll and select say of an fd
                              that is, or is not, ready           */
    int64_t clock_ns;      /* 0, or what now() says: a poll moves it instead
                              of waiting for a millisecond or less */
    struct {
        size_t at, end;
        struct {
            int number, times; /* errno, and how many calls get it */
        } lines[8];
    } script[CALLS];
};

/* Everything real, until told otherwise. One struct at a time: the table's
 * functions have no argument to find a second one by. */
void faults_open(struct faults *faults);

/* The next `times` calls, after those scripted before, fail with errno
 * `number`; 0: they are real. */
void faults_fail(struct faults *faults, enum faults_call call, int number,
                 int times);

#endif
