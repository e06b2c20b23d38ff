/* step.c - see step.h.
 *
 * A turn begins with the poll; with virtual time it may poll again and
 * again until something comes. So a poll begins a turn if the one before
 * had something to do: something ready, or any event.
 */
#include "stage/step.h"

#include <string.h>

/* --- Names --------------------------------------------------------------- */

static const struct task *task_of(const struct loop *loop,
                                  const struct callback *callback)
{
    LIST_EACH(&loop->tasks, link) {
        const struct task *task = CONTAINER(link, struct task, link);

        if (&task->wakeup == callback)
            return task;
    }
    return NULL;
}

/* Who waits for this future; NULL: no task does. */
static const struct task *waiter_of(const struct loop *loop,
                                    const struct future *future)
{
    LIST_EACH(&loop->tasks, link) {
        const struct task *task = CONTAINER(link, struct task, link);

        if (task->waiting_on == future)
            return task;
    }
    return NULL;
}

/* Whose sleep this is: a sleep's timer is a neighbour of its future. */
static const struct task *sleeper_of(const struct loop *loop,
                                     struct timer *timer)
{
    const struct sleep *sleep = CONTAINER(timer, struct sleep, timer);

    return waiter_of(loop, &sleep->elapsed);
}

static void print_wait(FILE *out, struct future *on)
{
    if (on == NULL)
        fprintf(out, "gave up this turn, is ready again\n");
    else if (on->kind == FUTURE_TASK)
        fprintf(out, "waits for task %s\n",
                CONTAINER(on, struct task, future)->name);
    else if (on->kind == FUTURE_TIMER)
        fprintf(out, "waits for a timer\n");
    else if (on->kind == FUTURE_FD)
        fprintf(out, "waits for fd %d\n",
                CONTAINER(on, struct watch, ready)->fd);
    else if (on->kind == FUTURE_OUTER)
        fprintf(out, "waits for %s\n",
                CONTAINER(on, struct outer_future, future)->name);
    else
        fprintf(out, "waits for a future\n");
}

/* --- What there is before a turn ----------------------------------------- */

/* How many of them are no task's: a future's end on its way to somebody. */
static size_t print_ready(const struct stepper *stepper)
{
    const struct callback *tail = stepper->loop->ready.tail, *at = tail;
    const struct task *task;
    size_t others = 0, shown = 0;

    fprintf(stepper->out, "   ready   ");
    while (at != NULL) {
        at = at->next;
        task = task_of(stepper->loop, at);
        if (task != NULL)
            fprintf(stepper->out, "%s%s", shown++ > 0 ? ", " : "",
                    task->name);
        others += task == NULL;
        if (at == tail)
            break;
    }
    if (others > 0)
        fprintf(stepper->out, "%s%zu callback%s", shown > 0 ? ", and " : "",
                others, others == 1 ? "" : "s");
    fprintf(stepper->out, "%s\n", tail == NULL ? "nothing" : "");
    return others;
}

static double seconds(const struct stepper *stepper, int64_t ns)
{
    return (double)(ns - stepper->began_ns) / 1e9;
}

/* The heap's order is not that of the deadlines, but for the first. */
static void print_timers(const struct stepper *stepper)
{
    const struct timer_heap *heap = &stepper->loop->timers;
    size_t shown = heap->count < 4 ? heap->count : 4;

    fprintf(stepper->out, "   timers  %s", shown == 0 ? "none" : "");
    for (size_t i = 0; i < shown; i++) {
        const struct task *task = sleeper_of(stepper->loop, heap->at[i]);

        fprintf(stepper->out, "%s%g s (%s)", i > 0 ? ", " : "",
                seconds(stepper, heap->at[i]->when),
                task != NULL ? task->name : "a limit");
    }
    if (shown < heap->count)
        fprintf(stepper->out, ", and %zu more", heap->count - shown);
    fputc('\n', stepper->out);
}

static void print_fds(const struct stepper *stepper)
{
    const struct loop *loop = stepper->loop;
    size_t shown = 0, all = loop_fds(loop);

    fprintf(stepper->out, "   fds     %s", all == 0 ? "none" : "");
    LIST_EACH(&loop->poller.watches, link) {
        const struct watch *watch = CONTAINER(link, struct watch, link);
        const struct task *task = waiter_of(loop, &watch->ready);

        if (watch == &loop->signals.watch || shown == 4)
            continue;
        fprintf(stepper->out, "%s%d %s (%s)", shown++ > 0 ? ", " : "",
                watch->fd, watch->events & POLLIN ? "in" : "out",
                task != NULL ? task->name : "a callback");
    }
    if (shown < all)
        fprintf(stepper->out, ", and %zu more", all - shown);
    fputc('\n', stepper->out);
}

/* --- Stopping ------------------------------------------------------------ */

/* A line of input: what its first letter asks for. */
static void ask(struct stepper *stepper)
{
    char line[80] = "";

    fprintf(stepper->out, "[Enter: one turn; c Enter: go on; q Enter: quit] ");
    fflush(stepper->out);
    if (fgets(line, sizeof line, stepper->in) == NULL) {
        fputc('\n', stepper->out);
        line[0] = 'q';
    }
    stepper->going_on = line[0] == 'c' || line[0] == 'q';
    stepper->quit = line[0] == 'q';
    if (stepper->quit) /* as Ctrl-C would: everybody tidies up */
        task_cancel(&stepper->loop->main);
}

static void stop(struct stepper *stepper, int64_t now)
{
    size_t callbacks;

    stepper->turn++;
    fprintf(stepper->out, "-- before turn %u, at %g s\n", stepper->turn,
            seconds(stepper, now));
    callbacks = print_ready(stepper);
    print_timers(stepper);
    print_fds(stepper);
    ask(stepper);
    if (stepper->going_on)
        return;
    fprintf(stepper->out, "-- turn %u\n", stepper->turn);
    if (callbacks > 0) /* the hook does not hear of them */
        fprintf(stepper->out, "   run     %zu callback%s\n", callbacks,
                callbacks == 1 ? "" : "s");
}

static void narrate(const struct stepper *stepper,
                    const struct loop_event *event)
{
    FILE *out = stepper->out;
    const char *name = event->task != NULL ? event->task->name : "";
    const struct task *waiter;

    switch (event->kind) {
    case EVENT_STEP:
        fprintf(out, "   run     %s\n", name);
        break;
    case EVENT_PARKED:
        fprintf(out, "           %s ", name);
        print_wait(out, event->task->waiting_on);
        break;
    case EVENT_TASK_DONE:
        fprintf(out, "           %s is done%s%s\n", name,
                event->code != 0 ? ": " : "",
                event->code != 0 ? error_name(event->code) : "");
        break;
    case EVENT_TASK_CREATED:
        fprintf(out, "           task %s created, ready\n", name);
        break;
    case EVENT_CANCEL:
        fprintf(out, "           cancel %s\n", name);
        break;
    case EVENT_TIMER:
        fprintf(out, "   timer   due at %g s\n",
                seconds(stepper, event->time_ns));
        break;
    case EVENT_FD:
        waiter = waiter_of(stepper->loop, event->on);
        fprintf(out, "   poll    fd %d is ready%s%s\n", event->fd,
                waiter != NULL ? ": wakes " : "",
                waiter != NULL ? waiter->name : "");
        break;
    case EVENT_POLL: case EVENT_POLLED:
        break;
    }
}

static void tell(struct loop_hook *hook, struct loop *loop,
                 const struct loop_event *event)
{
    struct stepper *stepper = CONTAINER(hook, struct stepper, hook);
    bool ready = loop->ready.tail != NULL;

    if (event->kind == EVENT_POLL && !stepper->going_on) {
        if (stepper->busy)
            stop(stepper, event->time_ns);
        stepper->busy = ready;
    } else if (event->kind != EVENT_POLLED) {
        stepper->busy = true;
        if (!stepper->going_on)
            narrate(stepper, event);
    }
    if (stepper->next != NULL)
        stepper->next->tell(stepper->next, loop, event);
}

void step_open(struct stepper *stepper, struct loop *loop, FILE *in,
               FILE *out)
{
    *stepper = (struct stepper){ .hook = { tell }, .next = loop->hook,
                                 .loop = loop, .in = in, .out = out,
                                 .began_ns = loop_now(loop), .busy = true };
    loop->hook = &stepper->hook;
}

void step_close(struct stepper *stepper)
{
    if (stepper->loop != NULL)
        stepper->loop->hook = stepper->next;
    stepper->loop = NULL;
}
