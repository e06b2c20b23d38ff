/* MISTAKE: a turn makes the next turn itself. */
/* SEEN: nothing ends the calls of mini_turn */
#include "05_loop/loop.h"

/* How long the poll may last: 0, until the next timer, or -1 for ever. */
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

/* Exactly what is ready now: it moves to `batch`, and what the callbacks
 * make ready waits for the next turn, behind another poll. */
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

    (void)!mini_poll(mini, wait_ns < 0 ? 0 : wait_ns);
    collect_timers(mini);
    run_batch(mini);
    return mini_turn(mini) || true;
}
