/* assassin.h - cancels a task the moment it suspends for the k-th time.
 *
 *     lab_open(&lab);
 *     assassin_hire(&assassin, &lab.loop, &lab.loop.main, k);
 *     ... lab_run ...                 // then: was it struck, or had it not
 *     return assassin.struck;         // so many suspensions?
 */
#ifndef LAB_ASSASSIN_H
#define LAB_ASSASSIN_H

#include "loop/loop.h"

struct assassin {
    struct loop_hook hook, *before; /* who listened before hears it, too */
    struct task *victim;
    int countdown;
    bool struck;
};

static inline void assassin_strike(struct loop_hook *hook, struct loop *loop,
                                   const struct loop_event *event)
{
    struct assassin *self = CONTAINER(hook, struct assassin, hook);

    if (self->before != NULL)
        self->before->tell(self->before, loop, event);
    if (event->kind != EVENT_PARKED || event->task != self->victim
        || self->struck)
        return;
    self->countdown--;
    if (self->countdown > 0)
        return;
    self->struck = true;
    task_cancel(self->victim);
}

static inline void assassin_hire(struct assassin *assassin, struct loop *loop,
                                 struct task *victim, int k)
{
    *assassin = (struct assassin){ { assassin_strike }, loop->hook, victim,
                                   k, false };
    loop->hook = &assassin->hook;
}

#endif
