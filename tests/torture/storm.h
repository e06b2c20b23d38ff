/* storm.h - the program that is tortured: all that the lessons have taught,
 * at once.
 *
 *     main --gather | as_completed | wait | task_group | shield--> children
 *        errand: a request within limits, its body checked byte by byte
 *        guest:  talks to lesson 07's server, and may vanish
 *     beside them: the embedded origin, lesson 07's server
 *
 * What it does is drawn from the seed, before the weather begins.
 */
#ifndef LAB_STORM_H
#define LAB_STORM_H

#include "07_accept/server.h"
#include "10_timeout/client_timeout.h"
#include "11_gather/cancel_rest.h"
#include "11_gather/gather.h"
#include "12_as_completed/as_completed.h"
#include "13_wait/wait.h"
#include "14_task_group/task_group.h"

enum { CHILDREN = 8, MOST_BYTES = 700 };

/* From 0 to n - 1; the same numbers on every machine. */
size_t roll(uint64_t *dice, size_t n);

struct child;

struct errand {
    struct coro coro;
    struct child *child;
    struct cleanup counting, closing;
    struct sleep sleep;
    struct timed_request timed_request;
    struct timed_read timed_read;
};

struct guest {
    struct coro coro;
    struct child *child;
    struct open_socket socket;
    struct cleanup counting, closing;
    char in[64];
    struct dial dial;
    struct sock_sendall sock_sendall;
    struct sock_recv sock_recv;
};

struct child {
    struct group_child in; /* its task, in a group or not              */
    struct storm *storm;
    bool is_guest;         /* or an errand                             */
    const char *method;    /* of an errand; and where to               */
    char path[40];
    bool must_fail;        /* there is no good answer to that          */
    bool leaves;           /* before all has come                      */
    int64_t nap_ns;
    struct client_timeout limits;
    char sent[MOST_BYTES];
    const char *wanted;    /* what must come; NULL: as many x          */
    size_t size;           /* of it                                    */

    char url[96], name[32];
    int status;
    size_t got;
    bool wrong;            /* a byte that is not the wanted one        */
    int began, ended;
    struct errand errand;
    struct guest guest;
    struct timeout patience; /* the guest's */
};

/* The clock jumped, and our request was not complete; or the origin had no
 * memory for it. */
static inline bool child_was_refused(const struct child *child)
{
    return child->status == 408 || child->status == 503;
}

struct storm {
    struct coro coro;
    enum storm_way { GATHER, COMPLETED, WAIT, GROUP, SHIELD, WAYS } way;
    int mode;              /* gather's errors, wait's until            */
    struct limit limit;    /* as_completed's, wait's, wait_for's       */
    struct session_options options;
    size_t count, left;
    struct child children[CHILDREN];
    unsigned port;         /* the origin's                             */
    struct address echo_address;
    struct open_socket echo_listener;

    struct session session;
    struct echo_server echo_server;
    struct task echo_task;
    struct future *futures[CHILDREN], *echo_future[1];
    struct async_cleanup closing, echo_ending, leaving;
    struct cleanup letting_go;
    struct session_close session_close;
    struct cancel_rest cancel_rest, cancel_echo;
    struct gather gather;
    struct gather_slot gather_slots[CHILDREN];
    struct as_completed as_completed;
    struct completed completed[CHILDREN];
    struct next_completed next_completed;
    struct wait wait;
    struct wait_slot wait_slots[CHILDREN];
    struct shield shield;
    struct wait_for wait_for;
    struct task_group task_group;
    struct spawn {
        struct coro coro;
        struct storm *storm;
    } spawn;
};
ASYNC_DECLARE(storm);

/* What this seed's run does, with at most so many children. */
void storm_plan(struct storm *storm, uint64_t seed, size_t children);

/* In a few lines. */
void storm_describe(const struct storm *storm, FILE *out);

#endif
