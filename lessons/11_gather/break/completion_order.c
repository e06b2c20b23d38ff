/* completion_order.c - a list filled as results come in.
 *
 * Three prices are asked for at once, and each answer goes to the end of
 * the list. It works on the day it is written: the answers come in the
 * order of the questions. Today apples take longest.
 */
#include "loop/loop.h"

#include <string.h>

struct ask {
    struct coro coro;
    const char *fruit;
    int price;
    double seconds;
    int *list; /* of prices, as they come */
    size_t *used;
    struct sleep sleep;
};
ASYNC_DECLARE(ask);

ASYNC(ask)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = SECONDS(self->seconds));
    self->list[*self->used] = self->price;
    *self->used += 1;
    END;
}

enum { FRUITS = 3 };

struct shop {
    struct coro coro;
    struct ask asks[FRUITS];
    struct task tasks[FRUITS];
    int list[FRUITS];
    size_t used, i;
};
ASYNC_DECLARE(shop);

ASYNC(shop)
{
    BEGIN;
    for (size_t i = 0; i < FRUITS; i++) {
        self->asks[i].list = self->list;
        self->asks[i].used = &self->used;
        task_create(task_loop(task), &self->tasks[i], self->asks[i].fruit,
                    &self->asks[i].coro);
    }
    for (self->i = 0; self->i < FRUITS; self->i++)
        AWAIT_FUTURE(&self->tasks[self->i].future);
    END;
}

int main(void)
{
    struct loop_options options = { .virtual_time = true };
    struct shop shop = { CORO(shop), .asks = {
        { CORO(ask), .fruit = "apples", .price = 1, .seconds = 3 },
        { CORO(ask), .fruit = "bananas", .price = 2, .seconds = 1 },
        { CORO(ask), .fruit = "cherries", .price = 9, .seconds = 2 } } };
    struct loop loop;
    struct error error;
    int wrong = 0;

    if (loop_open(&loop, &options, &error) != 0)
        return 2;
    loop_run(&loop, &shop.coro);
    for (size_t i = 0; i < FRUITS; i++) {
        printf("%-8s cost %d, we say %d\n", shop.asks[i].fruit,
               shop.asks[i].price, shop.list[i]);
        wrong += shop.asks[i].price != shop.list[i];
    }
    printf("%d of %d wrong\n", wrong, FRUITS);
    loop_close(&loop);
    return wrong != 0;
}
