/* crew.c - the workers' common affairs: who is hired, what a worker needs
 * for a URL, and the group that nobody leaves alone. */
#include "18_fetchall/fetchall.h"

#include <stdlib.h>

void hire(struct fetchall *all)
{
    struct fetch_worker *worker = &all->workers[all->hired];
    struct error error;

    if (all->hired == all->limit)
        return;
    worker->coro = (struct coro){ .type = &fetch_worker_type };
    worker->all = all;
    snprintf(worker->name, sizeof worker->name, "worker %zu",
             all->hired + 1);
    /* Refused: the group is being cancelled, and so are we. */
    if (task_group_create_task(&all->task_group, &worker->child,
                               worker->name, &worker->coro, &error) == 0)
        all->hired++;
}

void begin_url(struct fetch_worker *self, struct task *task)
{
    struct fetchall *all = self->all;

    all->busy++;
    self->began_ns = loop_now(task_loop(task));
    self->ask = (struct ask){ .session = all->session,
                              .url = self->url.full,
                              .limits = all->limits };
    if (all->folder < 0)
        return;
    save_init(&self->save, all->folder, self->url.number, self->url.full);
    self->ask.save = &self->save;
}

void end_url(struct fetch_worker *self, struct task *task)
{
    const struct fetch_retry *ended = &self->fetch_retry;
    struct error error = { .code = ended->coro.error };
    struct outcome outcome = {
        .url = &self->url, .status = ended->status, .bytes = ended->bytes,
        .tries = ended->tries, .error = &error,
        .took_ns = loop_now(task_loop(task)) - self->began_ns
    };

    if (error.code == E_CANCELLED)
        error = error_cancelled;
    else if (error.code != 0)
        error = task->error;
    self->all->busy--;
    self->all->tell(self->all, &outcome);
}

ASYNC(first_worker)
{
    BEGIN;
    hire(self->all);
    END;
}

ASYNC(fetchall)
{
    BEGIN;
    self->workers = calloc(self->limit, sizeof *self->workers);
    if (self->workers == NULL)
        RAISE(ENOMEM, "fetchall: no memory for %zu workers", self->limit);
    DEFER(&self->freeing, free, self->workers);
    AWAIT(task_group, .body = CALL(first_worker, .all = self));
    END;
}
