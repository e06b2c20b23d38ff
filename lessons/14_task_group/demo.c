/* demo.c - the three fetchers of lesson 13 under a task group: what a
 * failure, the body's error and a cancellation do to them, and a shield.
 *
 * Each fetcher has a goodbye of half a second, so that one can see who is
 * waited for.
 */
#include "14_task_group/task_group.h"

#include "11_gather/fetch_status.h"
#include "stage/stage.h"

enum { FETCHERS_MAX = 3 };
enum twist { NO_TWIST, BODY_FAILS, CANCELLED, SHIELDED };

/* One part. A negative delay: that fetcher's URL is python://, which fails
 * after as long. */
struct plan {
    const char *part;
    double delays[FETCHERS_MAX];
    enum twist twist; /* at 1 s */
};

static const struct plan plans[] = {
    { "together", { 1, 2, 3 }, NO_TWIST },
    { "fails", { -1, 3, 5 }, NO_TWIST },
    { "body", { 3, 5 }, BODY_FAILS },
    { "cancel", { 3, 5 }, CANCELLED },
    { "shield", { -1, 3 }, SHIELDED },
};
enum { PARTS = sizeof plans / sizeof plans[0] };

/* fetch_status, and a word on how it ended. */
struct fetcher {
    struct coro coro;
    struct stage *stage;
    const char *name;
    struct session *session;
    const char *url;
    int64_t delay_ns;
    struct fetch_status fetch_status;
    struct sleep sleep;
};
ASYNC_DECLARE(fetcher);

ASYNC(fetcher)
{
    BEGIN;
    CATCH_AWAIT(fetch_status, .session = self->session, .url = self->url,
                .delay_ns = self->delay_ns);
    if (self->fetch_status.coro.error == 0) {
        stage_say(self->stage, "   %s got %d", self->name,
                  self->fetch_status.status);
        RETURN();
    }
    stage_say(self->stage, "   %s ended by %s", self->name,
              stage_python_name(self->fetch_status.coro.error));
    if (self->fetch_status.coro.error == E_CANCELLED) {
        AWAIT(sleep, .delay_ns = stage_ns(self->stage, 0.5));
        stage_say(self->stage, "   %s has cleaned up", self->name);
        RERAISE(E_CANCELLED);
    }
    RERAISE(self->fetch_status.coro.error);
    END;
}

/* Waits for what must not be broken off: a shield is between them. */
struct keeper {
    struct coro coro;
    struct stage *stage;
    struct future *saved;
    struct shield shield;
    struct cleanup closing;
};
ASYNC_DECLARE(keeper);

ASYNC(keeper)
{
    BEGIN;
    DEFER(&self->closing, shield_close, &self->shield);
    CATCH_AWAIT_FUTURE(shield(&self->shield, self->saved));
    stage_say(self->stage, "   keeper ended by %s",
              stage_python_name(task->outcome));
    RERAISE(task->outcome);
    END;
}

struct team;

/* The group's body: starts the children. */
struct crawl {
    struct coro coro;
    struct team *team;
    struct sleep sleep;
};
ASYNC_DECLARE(crawl);

/* The owner: the children's frames are here, around the group, not in its
 * body. */
struct team {
    struct coro coro;
    struct stage *stage;
    const struct plan *plan;
    struct session session;
    struct async_cleanup closing;
    struct session_close session_close;
    struct fetcher fetchers[FETCHERS_MAX];
    struct group_child children[FETCHERS_MAX + 1];
    struct keeper keeper;
    struct task save; /* not in the group: we wait for it ourselves */
    struct sleep sleep;
    struct crawl crawl;
    struct task_group task_group;
};
ASYNC_DECLARE(team);

static int start_fetcher(struct team *self, int i, struct error *error)
{
    static const char *const names[FETCHERS_MAX] = {
        "fetcher A", "fetcher B", "fetcher C"
    };
    const double delay = self->plan->delays[i];

    self->fetchers[i] = (struct fetcher){ CORO(fetcher),
        .stage = self->stage, .name = names[i], .session = &self->session,
        .url = delay < 0 ? "python://www.example.com" : self->stage->url,
        .delay_ns = stage_ns(self->stage, delay < 0 ? -delay : delay) };
    return task_group_create_task(&self->task_group, &self->children[i],
                                  names[i], &self->fetchers[i].coro, error);
}

static int start_keeper(struct team *self, struct error *error)
{
    self->keeper = (struct keeper){ CORO(keeper), .stage = self->stage,
                                    .saved = &self->save.future };
    return task_group_create_task(&self->task_group,
                                  &self->children[FETCHERS_MAX], "keeper",
                                  &self->keeper.coro, error);
}

static int start_all(struct team *self, struct error *error)
{
    int code = 0;

    for (int i = 0; i < FETCHERS_MAX && self->plan->delays[i] != 0; i++)
        if (code == 0)
            code = start_fetcher(self, i, error);
    if (code == 0 && self->plan->twist == SHIELDED)
        code = start_keeper(self, error);
    return code;
}

ASYNC(crawl)
{
    int code;

    BEGIN;
    code = start_all(self->team, &task->error);
    if (code != 0)
        RERAISE(code);
    if (self->team->plan->twist == BODY_FAILS) {
        AWAIT(sleep, .delay_ns = stage_ns(self->team->stage, 1));
        stage_say(self->team->stage, "   body raises ValueError");
        RAISE(E_VALUE, "the body has had enough");
    }
    END;
}

/* ExceptionGroup(...) as Python prints it: the children's, then the body's. */
static void say_group(struct team *self)
{
    const struct task_group *group = &self->task_group;
    char list[160] = "";
    size_t used = 0;

    LIST_EACH(&group->errors, link)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s()",
            used > 0 ? ", " : "", stage_python_name(
                CONTAINER(link, struct group_child, link)->task.error.code));
    if (group->body_error.code != 0)
        snprintf(list + used, sizeof list - used, "%s%s()",
                 used > 0 ? ", " : "",
                 stage_python_name(group->body_error.code));
    stage_say(self->stage, "ExceptionGroup('unhandled errors in a "
              "TaskGroup', [%s])", list);
}

ASYNC(team)
{
    BEGIN;
    session_open(&self->session, task_loop(task), SESSION_DEFAULTS);
    DEFER_AWAIT(&self->closing, CALL(session_close,
                                     .session = &self->session));
    if (self->plan->twist == SHIELDED)
        task_create(task_loop(task), &self->save, "save",
                    CALL(sleep, .delay_ns = stage_ns(self->stage, 2)));
    CATCH_AWAIT(task_group, .body = CALL(crawl, .team = self));
    if (self->task_group.coro.error == E_GROUP)
        say_group(self);
    else if (self->task_group.coro.error == E_CANCELLED)
        RERAISE(E_CANCELLED);
    else
        stage_say(self->stage, "all done");
    if (self->plan->twist == SHIELDED) {
        AWAIT_FUTURE(&self->save.future);
        stage_say(self->stage, "save is done, behind its shield");
    }
    END;
}

struct show {
    struct coro coro;
    struct stage *stage;
    size_t i;
    struct team teams[PARTS];
    struct task task;
    struct async_timed async_timed;
    struct sleep sleep;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    for (self->i = 0; self->i < PARTS; self->i++) {
        if (!stage_part(self->stage, plans[self->i].part))
            continue;
        self->teams[self->i] = (struct team){ CORO(team),
            .stage = self->stage, .plan = &plans[self->i] };
        task_create(task_loop(task), &self->task, plans[self->i].part,
                    CALL(async_timed, .stage = self->stage, .name = "main",
                         .arguments = "",
                         .body = &self->teams[self->i].coro));
        if (plans[self->i].twist == CANCELLED) {
            AWAIT(sleep, .delay_ns = stage_ns(self->stage, 1));
            stage_say(self->stage, "cancel -> %s",
                      task_cancel(&self->task) ? "True" : "False");
        }
        CATCH_AWAIT_FUTURE(&self->task.future);
        if (plans[self->i].twist == CANCELLED
            && self->task.future.state == FUTURE_CANCELLED
            && task->cancelling == 0)
            stage_say(self->stage, "main ended by CancelledError");
        else if (task->outcome != 0)
            RERAISE(task->outcome);
    }
    END;
}

int main(int argc, char **argv)
{
    struct stage stage = {
        .parts = "together, fails, body, cancel or shield",
        .about = "a task group: nobody leaves before everybody has, and a "
                 "shield" };
    struct show show = { CORO(show), .stage = &stage };

    return stage_run(&stage, argc, argv, &show.coro);
}
