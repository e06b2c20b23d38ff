/* MISTAKE: The batch is copied to an array, where a cancellation does not find it. */
/* SEEN: where mini_cancel cannot find it */
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

enum { BATCH_MAX = 64 };

static void run_batch(struct mini *mini)
{
    struct handle *batch[BATCH_MAX];
    int n = 0;

    while (mini->ready.first != NULL && n < BATCH_MAX)
        batch[n++] = handles_take(&mini->ready);
    for (int i = 0; i < n; i++)
        batch[i]->run(batch[i]->arg);
}

bool mini_turn(struct mini *mini)
{
    int64_t wait_ns = patience(mini);

    if (wait_ns < 0 && mini->fd_count == 0)
        return false;
    if (!mini_poll(mini, wait_ns))
        return false;
    collect_timers(mini);
    run_batch(mini);
    return true;
}
