/* actors.c - see actors.h. */
#include "actors.h"

ASYNC(nap)
{
    BEGIN;
    say("%s starts", self->name);
    CATCH_AWAIT(sleep, .delay_ns = self->delay_ns);
    if (self->sleep.coro.error == E_CANCELLED) {
        say("%s cancelled", self->name);
        if (self->cleanup_ns > 0) {
            AWAIT(sleep, .delay_ns = self->cleanup_ns);
            say("%s cleaned up", self->name);
        }
        if (self->fails)
            RAISE(E_USER, "%s failed", self->name);
        if (self->swallows)
            RETURN();
        RERAISE(E_CANCELLED);
    }
    if (self->fails)
        RAISE(E_USER, "%s failed", self->name);
    say("%s ends", self->name);
    END;
}

ASYNC(look)
{
    BEGIN;
    CATCH_AWAIT_FUTURE(self->on);
    say("%s got %s", self->name, error_name(task->outcome));
    if (task->outcome != 0)
        RERAISE(task->outcome);
    END;
}

ASYNC(spin)
{
    BEGIN;
    while (self->turn < self->turns) {
        self->turn++;
        say("%s %d", self->name, self->turn);
        YIELD();
    }
    END;
}

void future_open(struct future *future, struct lab *lab)
{
    future_init(future, &lab->loop, FUTURE_PLAIN);
}

struct pause {
    struct timer timer;
    struct future over;
};

static void end_pause(struct callback *callback)
{
    future_set_result(&CONTAINER(callback, struct pause,
                                 timer.callback)->over);
}

void let_pass(struct lab *lab, int64_t ns)
{
    struct pause pause;

    future_open(&pause.over, lab);
    CHECK_INT(0, timer_start(&lab->loop, &pause.timer, ns, end_pause));
    CHECK_CODE(0, loop_run_until(&lab->loop, &pause.over));
}

void settle(struct lab *lab)
{
    for (int turns = 0; lab->loop.ready.tail != NULL; turns++) {
        CHECK(turns < 1000);
        loop_turn(&lab->loop, false);
    }
}

void run_dry(struct lab *lab)
{
    int turns = 0;

    while (loop_turn(&lab->loop, true)) {
        CHECK(turns < 100000);
        turns++;
    }
}

static void run_note(struct callback *callback)
{
    struct note *note = CONTAINER(callback, struct note, callback);

    say("%s", note->words);
    if (note->then != NULL)
        note->then(note);
}

void note_init(struct note *note, struct lab *lab, const char *words)
{
    *note = (struct note){ .callback.run = run_note, .words = words,
                           .loop = &lab->loop };
}
