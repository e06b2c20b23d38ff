/* coro.c - what the macros of coro.h call.
 *
 * A coroutine has three lives: its body (pc is a line), its way out
 * (CORO_LEAVING: the cleanup stack runs, and may park), and its end.
 */
#include "loop/coro.h"

#include "loop/task.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

void coro_defer(struct coro *coro, struct cleanup *node, struct cleanup entry)
{
    assert(coro->pc >= CORO_FRESH);
    assert((entry.run == NULL) != (entry.coro == NULL));
    /* Twice in a row, and leaving would run it for ever. */
    assert(coro->cleanups != node);
    *node = entry;
    node->next = coro->cleanups;
    coro->cleanups = node;
}

/* One step of an awaiting cleanup; true when it is over. */
static bool finish_async(struct coro *coro, struct task *task,
                         struct async_cleanup *cleanup)
{
    struct coro *callee = cleanup->cleanup.coro;

    if (callee->pc == CORO_FRESH)
        cleanup->saved = task->error;
    coro->callee = callee;
    if (!coro_poll(callee, task).done)
        return false;
    if (callee->error != 0)
        coro->error = callee->error;
    else
        task->error = cleanup->saved;
    return true;
}

struct step coro_leave(struct coro *coro, struct task *task, int error)
{
    assert(coro->pc != CORO_DONE);
    coro->pc = CORO_LEAVING;
    coro->error = error;
    while (coro->cleanups != NULL) {
        struct cleanup *top = coro->cleanups;

        if (top->coro != NULL) {
            if (!finish_async(coro, task, (struct async_cleanup *)top))
                return (struct step){ false };
        } else if (coro->error != 0 || !top->only_on_error) {
            top->run(top->arg);
        }
        coro->cleanups = top->next;
    }
    coro->callee = NULL;
    coro->pc = CORO_DONE;
    return (struct step){ true };
}

struct step coro_poll(struct coro *coro, struct task *task)
{
    assert(coro->type != NULL);
    if (coro->pc == CORO_LEAVING)
        return coro_leave(coro, task, coro->error);
    return coro->type->run(coro, task);
}

_Noreturn void coro_lost(const struct coro *coro)
{
    if (coro->pc == CORO_DONE)
        fprintf(stderr, "%s (%s): awaited again after it had ended\n",
                coro->type->name, coro->type->file);
    else
        fprintf(stderr, "%s (%s:%d): cannot resume: is this await inside a "
                "switch of its own?\n", coro->type->name, coro->type->file,
                coro->pc);
    abort();
}
