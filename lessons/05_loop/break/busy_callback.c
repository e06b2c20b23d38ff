/* busy_callback.c - a callback that works for two seconds.
 *
 * Nothing is preempted: while one callback runs, no timer fires and no
 * socket is served, however due they are. The work is played here by
 * moving the clock.
 */
#include "05_loop/loop.h"

#include <stdio.h>

#define SECOND ((int64_t)1000000000)

static int64_t clock_ns;
static int late;

static void work(void *arg)
{
    (void)arg;
    printf("%lld s  work begins\n", (long long)(clock_ns / SECOND));
    clock_ns += 2 * SECOND;
    printf("%lld s  work ends\n", (long long)(clock_ns / SECOND));
}

static void tick(void *due_ns)
{
    long long due = *(const int64_t *)due_ns / SECOND;

    printf("%lld s  tick that was due at %lld s\n",
           (long long)(clock_ns / SECOND), due);
    late += clock_ns / SECOND > due;
}

int main(void)
{
    int64_t due[] = { 1 * SECOND, 2 * SECOND, 3 * SECOND };
    struct handle ticks[3], busy = { .run = work };
    struct mini mini;

    mini_init(&mini, &clock_ns);
    for (int i = 0; i < 3; i++) {
        ticks[i] = (struct handle){ .run = tick, .arg = &due[i] };
        mini_call_later(&mini, &ticks[i], due[i]);
    }
    mini_call_soon(&mini, &busy);
    mini_run(&mini);
    printf("ticks that came too late: %d\n", late);
    return late != 0;
}
