/* MISTAKE: a turn says whether anything ran in it. */
/* SEEN: because nothing ran in it */
#include "05_loop/loop.h"

static int64_t patience(const struct mini *mini)
{
    int64_t left;

    if (mini->stopping || mini->ready.first != NULL)
        return 0;
    if (mini->timers.first == NULL)
        return -1;
    left = mini->timers.first->when_ns - mini_now(mini);
    return left > 0 ? left : 0;
}

static void collect_timers(struct mini *mini)
{
    int64_t now = mini_now(mini);

    while (mini->timers.first != NULL && mini->timers.first->when_ns <= now)
        handles_add(&mini->ready, handles_take(&mini->timers));
}

static void run_batch(struct mini *mini)
{
    struct handle *handle;

    while (mini->ready.first != NULL)
        handles_add(&mini->batch, handles_take(&mini->ready));
    while ((handle = handles_take(&mini->batch)) != NULL)
        handle->run(handle->arg);
}

bool mini_turn(struct mini *mini)
{
    int64_t wait_ns = patience(mini);
    bool any;

    if (wait_ns < 0 && mini->fd_count == 0)
        return false;
    if (!mini_poll(mini, wait_ns))
        return false;
    collect_timers(mini);
    any = mini->ready.first != NULL;
    run_batch(mini);
    return any;
}
