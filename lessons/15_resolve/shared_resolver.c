/* shared_resolver.c - a task for each host that is being looked up, and a
 * list of those who wait for it.
 *
 * The task is nobody's child: asyncio would say shield(). Were it run by the
 * first one who asked, it would be cancelled with him, and everybody else
 * would hear of it.
 */
#include "15_resolve/shared_resolver.h"

#include <stdlib.h>
#include <string.h>

_Static_assert((int)RESOLVE_MOST <= (int)LOOK_UP_MOST,
               "an answer fits into a question");

struct lookup {
    struct link link;      /* in resolver->lookups */
    struct link questions; /* struct look_up       */
    struct endpoint endpoint;
    struct resolve resolve;
    struct task task;
    struct callback done;
};

static void answer(struct lookup *lookup, struct look_up *question)
{
    const struct error *error = future_error(&lookup->task.future);

    list_remove(&question->link);
    if (error == NULL) {
        question->count = lookup->resolve.count;
        memcpy(question->found, lookup->resolve.found,
               question->count * sizeof *question->found);
        future_set_result(&question->answered);
    } else if (error->code == E_CANCELLED) {
        future_set_cancelled(&question->answered);
    } else {
        question->error = *error;
        future_set_error(&question->answered, &question->error);
    }
}

static void done(struct callback *callback)
{
    struct lookup *lookup = CONTAINER(callback, struct lookup, done);

    future_look(&lookup->task.future); /* maybe nobody else does */
    LIST_EACH(&lookup->questions, link)
        answer(lookup, CONTAINER(link, struct look_up, link));
    list_remove(&lookup->link);
    free(lookup);
}

static struct lookup *find(const struct shared_resolver *self,
                           const struct endpoint *endpoint)
{
    LIST_EACH(&self->lookups, link) {
        struct lookup *lookup = CONTAINER(link, struct lookup, link);

        if (endpoint_equal(&lookup->endpoint, endpoint))
            return lookup;
    }
    return NULL;
}

static struct lookup *begin(struct shared_resolver *self,
                            const struct endpoint *endpoint)
{
    struct lookup *lookup = calloc(1, sizeof *lookup);

    if (lookup == NULL)
        return NULL;
    lookup->endpoint = *endpoint;
    list_init(&lookup->questions);
    lookup->resolve = (struct resolve){ CORO(resolve),
        .executor = self->executor, .host = lookup->endpoint.host,
        .port = endpoint->port };
    lookup->done.run = done;
    future_add_callback(task_create(self->executor->loop, &lookup->task,
                                    "lookup", &lookup->resolve.coro),
                        &lookup->done);
    list_add(&self->lookups, &lookup->link);
    self->asked++;
    return lookup;
}

static void ask(struct resolver *resolver, struct look_up *question)
{
    struct shared_resolver *self = CONTAINER(resolver, struct shared_resolver,
                                             resolver);
    struct lookup *lookup = find(self, question->endpoint);

    if (lookup == NULL)
        lookup = begin(self, question->endpoint);
    if (lookup != NULL) {
        list_add(&lookup->questions, &question->link);
        return;
    }
    error_set(&question->error, ENOMEM, "resolve %s: no memory for a lookup",
              question->endpoint->host);
    future_set_error(&question->answered, &question->error);
}

static void forget(struct resolver *resolver, struct look_up *question)
{
    (void)resolver;
    if (question->link.next != NULL) /* no answer yet */
        list_remove(&question->link);
}

void shared_resolver_open(struct shared_resolver *self,
                          struct executor *executor)
{
    *self = (struct shared_resolver){ .resolver = { ask, forget },
                                      .executor = executor };
    list_init(&self->lookups);
}
