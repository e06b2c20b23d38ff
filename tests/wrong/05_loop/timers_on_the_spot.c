/* MISTAKE: Timers are called as soon as they are found due. */
/* SEEN: timers are called on the spot */
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

static void run_timers(struct mini *mini)
{
    int64_t now = mini_now(mini);
    struct handle *timer;

    while (mini->timers.first != NULL
           && mini->timers.first->when_ns <= now) {
        timer = handles_take(&mini->timers);
        timer->run(timer->arg);
    }
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

    if (wait_ns < 0 && mini->fd_count == 0)
        return false;
    if (!mini_poll(mini, wait_ns))
        return false;
    run_timers(mini);
    run_batch(mini);
    return true;
}
