/* task_group.h - children that live and fail together; and the opposite, a
 * shield.
 *
 *     AWAIT(task_group, .body = CALL(crawl, .group = &self->task_group));
 *
 * where crawl calls task_group_create_task. The group ends when its body
 * and all its children have ended, on every way out.
 */
#ifndef LAB_TASK_GROUP_H
#define LAB_TASK_GROUP_H

#include "loop/loop.h"

/* A child: the caller's storage, until the group has ended, like the frame
 * of its coroutine: never the body's own frame, which ends before. */
struct group_child {
    struct task task;
    struct callback done;
    struct task_group *group;
    struct link link; /* unfinished, then errors if it failed */
};

/* async with asyncio.TaskGroup() as group: await body. If a child fails, the
 * others and the body are cancelled and waited for, then E_GROUP is raised
 * (rows TG01-TG03); if the body fails, the same (TG04); if we are cancelled,
 * the children are too, and E_CANCELLED goes up when all have ended (TG05).
 * A child that ends cancelled by itself is no failure (TG07). A child that
 * swallows its cancellation is waited for all the same (TG10). If a child
 * fails while we are being cancelled, E_GROUP wins and the cancellation is
 * lost (TG06: 3.11; 3.13 asks again). E_GROUP's words count the failures;
 * `errors` and `body_error` have them, the children's first. */
struct task_group {
    struct coro coro;
    struct coro *body;       /* NULL: none */
    struct link errors;      /* out: children that failed, in that order */
    struct error body_error; /* out: the body's own failure, or code 0   */
    struct link unfinished;
    struct task *parent;
    enum { GROUP_FRESH, GROUP_OPEN, GROUP_EXITING } state;
    bool aborting, parent_cancel_requested, cancelled, waiting;
    struct future all_done;
};
ASYNC_DECLARE(task_group);

/* Creates the child's task in the group. 0; E_RUNTIME if the group has not
 * begun, has ended, or is shutting down (row TG08), with words in *error. */
int task_group_create_task(struct task_group *group,
                           struct group_child *child, const char *name,
                           struct coro *coro, struct error *error);

/* asyncio.shield(inner): a future that ends as inner does, but whose
 * cancelling leaves inner alone (SH01, SH02). One that is done is returned
 * as it is (SH03). *self must stay until inner is done or shield_close. */
struct shield {
    struct future outer;
    struct future *inner;
    struct callback inner_done, outer_done;
    struct error error;
};
struct future *shield(struct shield *self, struct future *inner);

/* Lets go of inner, which runs on. A cleanup. */
void shield_close(void *shield);

#endif
