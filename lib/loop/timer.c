/* timer.c - the heap. Each timer knows its slot, so that stopping it needs
 * no search and leaves nothing behind (asyncio keeps cancelled timers until
 * they reach the top: simpler, but a heap full of the dead). */
#include "loop/timer.h"

#include "loop/loop.h"
#include "sys.h"

#include <assert.h>
#include <errno.h>

/* seq wraps after 2^32 timers: compare the distance, not the numbers. */
static bool before(const struct timer *a, const struct timer *b)
{
    if (a->when != b->when)
        return a->when < b->when;
    return (int32_t)(a->seq - b->seq) < 0;
}

static void put(struct timer_heap *heap, size_t slot, struct timer *timer)
{
    assert(slot < heap->count);
    heap->at[slot] = timer;
    timer->slot = (uint32_t)slot + 1;
}

/* Fills the hole at `slot` with timer, or, if it belongs above or below,
 * moves the hole there first. */
static void place(struct timer_heap *heap, size_t slot, struct timer *timer)
{
    size_t child;

    for (; slot > 0 && before(timer, heap->at[(slot - 1) / 2]);
         slot = (slot - 1) / 2)
        put(heap, slot, heap->at[(slot - 1) / 2]);
    for (;;) {
        child = 2 * slot + 1;
        if (child + 1 < heap->count
            && before(heap->at[child + 1], heap->at[child]))
            child++;
        if (child >= heap->count || !before(heap->at[child], timer))
            break;
        put(heap, slot, heap->at[child]);
        slot = child;
    }
    put(heap, slot, timer);
}

/* Asks the heap, not the timer: that may never have been set. */
static bool runs(const struct timer_heap *heap, const struct timer *timer)
{
    return timer->slot - 1 < heap->count
        && heap->at[timer->slot - 1] == timer;
}

static void take_out(struct timer_heap *heap, struct timer *timer)
{
    size_t slot = timer->slot - 1;
    struct timer *last = heap->at[heap->count - 1];

    assert(runs(heap, timer));
    heap->count--;
    timer->slot = 0;
    if (last != timer)
        place(heap, slot, last);
}

static int grow(struct timer_heap *heap, const struct sys *sys)
{
    size_t capacity = heap->capacity == 0 ? 64 : 2 * heap->capacity;
    struct timer **at = sys->resize(heap->at, capacity * sizeof *at);

    if (at == NULL)
        return ENOMEM;
    heap->at = at;
    heap->capacity = capacity;
    return 0;
}

int timer_start(struct loop *loop, struct timer *timer, int64_t delay_ns,
                void (*run)(struct callback *callback))
{
    struct timer_heap *heap = &loop->timers;
    int64_t now = loop_now(loop);

    /* A second start would tear the heap, or, when it is due, the queue. */
    assert(!runs(heap, timer) && !loop_call_cancel(loop, &timer->callback)
           && "timer_start: that timer runs already");
    if (heap->count == heap->capacity && grow(heap, loop->sys) != 0)
        return ENOMEM;
    /* Saturated: the end of time must not wrap to before its beginning. */
    *timer = (struct timer){
        .callback.run = run, .seq = heap->seq,
        .when = delay_ns > INT64_MAX - now ? INT64_MAX : now + delay_ns
    };
    heap->seq++;
    heap->count++;
    place(heap, heap->count - 1, timer);
    return 0;
}

void timer_stop(struct loop *loop, struct timer *timer)
{
    if (timer->slot != 0)
        take_out(&loop->timers, timer);
    else
        loop_call_cancel(loop, &timer->callback);
}

void timer_collect(struct loop *loop)
{
    struct timer_heap *heap = &loop->timers;
    int64_t now;

    if (heap->count == 0)
        return;
    now = loop_now(loop);
    while (heap->count > 0 && heap->at[0]->when <= now) {
        struct timer *timer = heap->at[0];

        take_out(heap, timer);
        loop_call_soon(loop, &timer->callback);
        LOOP_EVENT(loop, EVENT_TIMER);
    }
}
