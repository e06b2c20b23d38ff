/* MISTAKE: The loop polls without waiting and tries again. */
/* SEEN: it asks again and again (a busy wait) */
#include "05_loop/loop.h"

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
    if (mini->ready.first == NULL && mini->timers.first == NULL
        && mini->fd_count == 0)
        return false;
    if (!mini_poll(mini, 0))
        return false;
    collect_timers(mini);
    run_batch(mini);
    return true;
}
