/* in_thread.h - a call that blocks, in a thread, while the loop goes on.
 *
 *     the loop's thread                  a thread of its own
 *     in_thread: start  -------------->  work(arg)
 *     ... others run ...                 ... as long as it takes ...
 *     poll: the pipe is readable  <----  write(pipe, &job)
 *     join; whoever awaits goes on       gone
 *
 * asyncio.to_thread, loop.run_in_executor. A loop that sleeps in poll() can
 * be woken by a descriptor only, so that is what the thread writes to. What
 * it writes, a pointer, arrives whole, as everything up to PIPE_BUF does;
 * joining the thread makes all else that it wrote visible. So there is no
 * lock, and a loop and all in it still belong to one thread.
 *
 * A thread cannot be cancelled. Waiting for it can: then nobody waits for
 * its result any more, and that is thrown away when it comes.
 */
#ifndef LAB_IN_THREAD_H
#define LAB_IN_THREAD_H

#include "loop/loop.h"

/* Threads for what blocks: at most `limit` at once, one for each call. */
struct executor {
    struct loop *loop;
    size_t limit, running;
    struct link waiting; /* struct job: no thread yet, oldest first */
    int pipe[2];         /* the loop reads [0], threads write [1]   */
    struct watch watch;  /* of pipe[0], while anything runs         */
    struct callback arrived;
    bool listening, closed;
    size_t started; /* threads so far */
};
/* asyncio's default is min(32, CPUs + 4). */
#define EXECUTOR_LIMIT 32

/* No thread is started yet. limit: 1 to 64. 0, or a code with words.
 * *executor must stay until it is closed. */
int executor_open(struct executor *executor, struct loop *loop, size_t limit,
                  struct error *error);

/* Waits, blocking, until every thread has ended; what waited for one gets
 * its result, what waited for a place E_CLOSED. asyncio.run does the same at
 * its end (shutdown_default_executor), so a lookup that hangs delays the end
 * of the program: the price of leaving no thread behind. Idempotent; a
 * cleanup. Before loop_close. */
void executor_close(void *executor);

/* Blocks until a thread has something to tell; does nothing if none runs.
 * For virtual time, whose clock must not run ahead of a thread: let the
 * thread end, settle, and the next turn hears of it. */
void executor_settle(const struct executor *executor);

/* await asyncio.to_thread(work, arg): runs work(arg) in a thread. `work` may
 * block and touches nothing but *arg, which therefore is not in a frame.
 * Success: arg is the caller's again, with whatever work left in it. Every
 * other way out: discard(arg) is called, once, in the loop's thread - now,
 * or, if the thread still works, when it has ended. Cancelled, it returns at
 * once. Raises E_CLOSED, ENOMEM, what pthread_create says. */
struct in_thread {
    struct coro coro;
    struct executor *executor;
    void (*work)(void *arg);
    void (*discard)(void *arg);
    void *arg;
    struct job *job;    /* NULL: over */
    int refused;        /* the thread never started, because */
    struct future done;
};
ASYNC_DECLARE(in_thread);

#endif
