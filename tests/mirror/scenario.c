/* scenario.c - runs scenarios on lib/loop and the lessons' primitives, under
 * virtual time, and prints what happened: the C side of the mirror.
 *
 *     scenario FILE...           prints their traces, one after another
 *     scenario --check FILE...   compares each with FILE's .trace
 *
 * A task of the scenario is a `play`, a statement a `perform`; statements
 * nest (prefixes, groups), so their frames come from an arena that lives as
 * long as the run: who outlives whom is the scenario's business.
 */
#include "scn.h"

#include "10_timeout/timeout.h"
#include "11_gather/gather.h"
#include "12_as_completed/as_completed.h"
#include "13_wait/wait.h"
#include "14_task_group/task_group.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct block {
    struct block *next;
    max_align_t memory[];
};

/* What an id is bound to. */
struct object {
    struct future *future;        /* NULL: not bound yet */
    long value;                   /* task, fut: the result */
    struct gather *gather;        /* let gather; its slots know the children */
    const struct object *shields; /* let shield: whose result ours is */
    struct task *task;
};

struct run {
    struct loop loop;
    const struct scn *scn;
    FILE *out;
    struct block *blocks;
    struct object objects[SCN_IDS];
    struct link groups; /* task groups that failed: struct group_text */
};

/* An E_GROUP travels as an error of one line, so its words are kept here
 * and the error's text says which. */
struct group_text {
    struct link link;
    int number;
    const char *text;
};

static void *arena(struct run *run, size_t size)
{
    struct block *block = calloc(1, sizeof *block + size);

    if (block == NULL)
        abort();
    block->next = run->blocks;
    run->blocks = block;
    return block->memory;
}

/* --- Words --------------------------------------------------------------- */

struct text {
    char *at;
    size_t used, size;
};

__attribute__((format(printf, 2, 3)))
static void add(struct text *text, const char *format, ...)
{
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(n >= 0);
    if (text->used + (size_t)n + 1 > text->size) {
        text->size = 2 * (text->used + (size_t)n + 1);
        text->at = realloc(text->at, text->size);
        if (text->at == NULL)
            abort();
    }
    va_start(arguments, format);
    vsnprintf(text->at + text->used, text->size - text->used, format,
              arguments);
    va_end(arguments);
    text->used += (size_t)n;
}

static const char *group_words(const struct run *run, const char *number)
{
    LIST_EACH(&run->groups, link) {
        struct group_text *group = CONTAINER(link, struct group_text, link);

        if (group->number == atoi(number))
            return group->text;
    }
    abort();
}

static const char *error_words(const struct run *run,
                               const struct error *error)
{
    if (error->code == E_CANCELLED)
        return "cancelled";
    if (error->code == E_TIMEOUT)
        return "timeout";
    if (error->code == E_GROUP)
        return group_words(run, error->text);
    if (error->code == E_USER)
        return error->text;
    return error->code == E_VALUE ? "err ValueError" : "err RuntimeError";
}

static void add_value(struct text *text, struct run *run,
                      const struct object *object);

/* An item of a list of results: an error stands there without "ok". */
static void add_item(struct text *text, struct run *run,
                     struct future *future)
{
    const struct error *error = future_error(future);

    if (error != NULL) {
        add(text, "%s", error_words(run, error));
        return;
    }
    for (int i = 0; i < SCN_IDS; i++) {
        if (run->objects[i].future == future) {
            add_value(text, run, &run->objects[i]);
            return;
        }
    }
}

static void add_list(struct text *text, struct run *run,
                     const struct gather *gather)
{
    add(text, "[");
    for (size_t i = 0; i < gather->count; i++) {
        add(text, "%s", i > 0 ? "," : "");
        add_item(text, run, gather->slots[i].child);
    }
    add(text, "]");
}

static void add_value(struct text *text, struct run *run,
                      const struct object *object)
{
    while (object->shields != NULL)
        object = object->shields;
    if (object->gather != NULL)
        add_list(text, run, object->gather);
    else
        add(text, "%ld", object->value);
}

static void say(struct run *run, int who, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say(struct run *run, int who, const char *format, ...)
{
    va_list arguments;

    fprintf(run->out, "%lld ", (long long)(loop_now(&run->loop) / 1000000));
    if (who < 0)
        fprintf(run->out, "* ");
    else
        fprintf(run->out, "%d ", who);
    va_start(arguments, format);
    vfprintf(run->out, format, arguments);
    va_end(arguments);
    fputc('\n', run->out);
}

/* "pending", or how it ended; looks without counting as having looked. */
static void say_state(struct run *run, int who, const char *event,
                      const struct object *object, const char *tail)
{
    const struct error *error = future_error(object->future);
    struct text text = { .at = NULL };

    if (!future_done(object->future)) {
        add(&text, "pending");
    } else if (error != NULL) {
        add(&text, "%s", error_words(run, error));
    } else {
        add(&text, "ok ");
        add_value(&text, run, object);
    }
    say(run, who, "%s %s%s", event, text.at, tail);
    free(text.at);
}

/* --- Tasks --------------------------------------------------------------- */

struct perform {
    struct coro coro;
    struct run *run;
    int who;
    const struct scn_statement *statement;
    struct perform *inner;
    struct future **futures;
    size_t turn;
    const char *name;
    union {
        struct sleep sleep;
        struct wait_for wait_for;
        struct { struct wait wait; struct wait_slot *wait_slots; };
        struct {
            struct as_completed it;
            struct next_completed next_completed;
        };
        struct { struct gather *gather; struct gather_slot *gather_slots; };
        struct shield *shield;
        struct timeout timeout;
        struct task_group task_group;
    };
};
ASYNC_DECLARE(perform);

static struct coro *perform_later(struct run *run, int who,
                                  const struct scn_statement *statement)
{
    struct perform *frame = arena(run, sizeof *frame);

    *frame = (struct perform){ CORO(perform), .run = run, .who = who,
                               .statement = statement };
    return &frame->coro;
}

/* The body of one scenario task, cleanup section included. */
struct play {
    struct coro coro;
    struct run *run;
    int who;
    const struct scn_statement *next;
    struct error outcome;
    bool cleaning;
};
ASYNC_DECLARE(play);

struct done_line {
    struct callback callback;
    struct run *run;
    int who;
};

static void say_done(struct callback *callback)
{
    struct done_line *line = CONTAINER(callback, struct done_line, callback);

    say_state(line->run, line->who, "done", &line->run->objects[line->who],
              "");
}

/* Everything a task needs; a group's child has the rest around it. */
struct actor {
    struct group_child child;
    struct play play;
    struct done_line done;
    char name[12];
};

static void spawn(struct run *run, int who, int id, struct task_group *group)
{
    struct object *object = &run->objects[id];
    struct actor *actor;
    struct error error;

    if (object->future != NULL) {
        say(run, who, "spawn %d dup", id);
        return;
    }
    say(run, who, "spawn %d", id);
    actor = arena(run, sizeof *actor);
    actor->play = (struct play){ CORO(play), .run = run, .who = id };
    actor->done = (struct done_line){ { .run = say_done }, run, id };
    snprintf(actor->name, sizeof actor->name, "%d", id);
    object->task = &actor->child.task;
    object->future = &object->task->future;
    if (group == NULL)
        task_create(&run->loop, object->task, actor->name,
                    &actor->play.coro);
    else if (task_group_create_task(group, &actor->child, actor->name,
                                    &actor->play.coro, &error) != 0)
        abort();
    future_add_callback(object->future, &actor->done.callback);
}

ASYNC(play)
{
    struct scn_statement const *statement;
    const struct scn_definition *text =
        &self->run->scn->definitions[self->who];

    BEGIN;
    say(self->run, self->who, "start");
    self->next = text->body;
    for (;;) {
        while (self->next != NULL) {
            statement = self->next;
            self->next = statement->next;
            if (statement->op == OP_RETURN) {
                self->run->objects[self->who].value = statement->number;
                break;
            }
            CATCH_AWAIT_CORO(perform_later(self->run, self->who, statement));
            if (self->coro.callee->error != 0) {
                self->outcome = task->error;
                break;
            }
        }
        if (self->cleaning || !text->has_finally)
            break;
        say(self->run, self->who, "finally");
        self->cleaning = true;
        self->next = text->finally;
    }
    if (self->outcome.code != 0) {
        say(self->run, self->who, "end %s",
            error_words(self->run, &self->outcome));
        task->error = self->outcome;
        RERAISE(self->outcome.code);
    }
    say(self->run, self->who, "end ok %ld",
        self->run->objects[self->who].value);
    END;
}

/* --- Statements ---------------------------------------------------------- */

/* The futures that a statement names; a task not spawned yet is spawned by
 * being named. 0, or E_RUNTIME: a let that is not bound yet. */
static int find(struct perform *self, struct task *task)
{
    const struct scn_statement *s = self->statement;

    self->futures = arena(self->run, (s->count + 1) * sizeof(void *));
    for (size_t i = 0; i < s->count; i++) {
        struct object *object = &self->run->objects[s->ids[i]];

        if (object->future == NULL
            && self->run->scn->definitions[s->ids[i]].kind == SCN_TASK)
            spawn(self->run, self->who, s->ids[i], NULL);
        if (object->future == NULL) {
            error_set(&task->error, E_RUNTIME, "let %d is not bound yet",
                      s->ids[i]);
            return E_RUNTIME;
        }
        self->futures[i] = object->future;
    }
    return 0;
}

static struct future *start_gather(struct perform *self, enum scn_op op)
{
    size_t n = self->statement->count;

    self->gather = arena(self->run, sizeof *self->gather);
    self->gather_slots = arena(self->run, n * sizeof *self->gather_slots);
    return gather(self->gather, &self->run->loop, self->gather_slots,
                  self->futures, n,
                  op == OP_GATHERX ? GATHER_RETURN : GATHER_RAISE);
}

static struct future *start_shield(struct perform *self)
{
    self->shield = arena(self->run, sizeof *self->shield);
    return shield(self->shield, self->futures[0]);
}

static int bind(struct perform *self, struct task *task)
{
    const struct scn_statement *s = self->statement;
    struct object *object = &self->run->objects[s->id];
    int code;

    if (object->future != NULL) {
        say(self->run, self->who, "let %d dup", s->id);
        return 0;
    }
    code = find(self, task);
    if (code != 0) {
        say(self->run, self->who, "let %d %s", s->id,
            error_words(self->run, &task->error));
        return code;
    }
    if (s->combinator == OP_SHIELD) {
        object->shields = &self->run->objects[s->ids[0]];
        object->future = start_shield(self);
    } else {
        object->future = start_gather(self, s->combinator);
        object->gather = self->gather;
    }
    say(self->run, self->who, "let %d", s->id);
    return 0;
}

struct called_line {
    struct callback callback;
    struct run *run;
    int who, id;
};

static void say_called(struct callback *callback)
{
    struct called_line *line = CONTAINER(callback, struct called_line,
                                         callback);

    say(line->run, line->who, "cb %d called", line->id);
}

static void add_callback(struct perform *self, int id)
{
    struct future *future = self->run->objects[id].future;
    struct called_line *line;

    if (future == NULL) {
        say(self->run, self->who, "cb %d none", id);
        return;
    }
    say(self->run, self->who, "cb %d", id);
    line = arena(self->run, sizeof *line);
    *line = (struct called_line){ { .run = say_called }, self->run,
                                  self->who, id };
    future_add_callback(future, &line->callback);
}

static void cancel(struct perform *self, int id)
{
    struct future *future = self->run->objects[id].future;

    if (future == NULL)
        say(self->run, self->who, "cancel %d none", id);
    else
        say(self->run, self->who, "cancel %d %s", id,
            future_cancel(future) ? "true" : "false");
}

static void peek(struct perform *self, int id)
{
    char event[16];

    snprintf(event, sizeof event, "peek %d", id);
    if (self->run->objects[id].future == NULL) {
        say(self->run, self->who, "%s none", event);
        return;
    }
    say_state(self->run, self->who, event, &self->run->objects[id], "");
    future_outcome(self->run->objects[id].future);
}

static void complete(struct perform *self, int id)
{
    const struct scn_statement *s = self->statement;
    struct object *object = &self->run->objects[id];
    struct error *error;
    int code;

    if (s->op == OP_SET) {
        if (!future_done(object->future))
            object->value = s->number;
        code = future_set_result(object->future);
    } else {
        error = arena(self->run, sizeof *error);
        error_set(error, E_USER, "err %ld", s->number);
        code = future_set_error(object->future, error);
    }
    say(self->run, self->who, "%s %d %s", s->op == OP_SET ? "set" : "fail",
        id, code == 0 ? "ok" : "invalid");
}

/* The statements that do not wait. 0, or what they raise. */
static int act(struct perform *self, struct task *task)
{
    const struct scn_statement *s = self->statement;
    unsigned before = task->cancelling;

    switch ((int)s->op) {
    case OP_SPAWN: spawn(self->run, self->who, s->ids[0], NULL); return 0;
    case OP_LET: return bind(self, task);
    case OP_CANCEL: cancel(self, s->ids[0]); return 0;
    case OP_PEEK: peek(self, s->ids[0]); return 0;
    case OP_CB: add_callback(self, s->ids[0]); return 0;
    case OP_SET:
    case OP_FAIL: complete(self, s->ids[0]); return 0;
    case OP_LOG: say(self->run, self->who, "log %s", s->word); return 0;
    case OP_UNCANCEL:
        say(self->run, self->who, "uncancel %u %u", before,
            task_uncancel(task));
        return 0;
    case OP_RAISE:
        say(self->run, self->who, "raise %ld", s->number);
        error_set(&task->error, E_USER, "err %ld", s->number);
        return E_USER;
    default: abort();
    }
}

/* The body of `group ids do inner`: it runs inside the group. */
struct group_body {
    struct coro coro;
    struct perform *around;
};
ASYNC_DECLARE(group_body);

ASYNC(group_body)
{
    const struct scn_statement *s = self->around->statement;

    BEGIN;
    for (size_t i = 0; i < s->count; i++)
        spawn(self->around->run, self->around->who, s->ids[i],
              &self->around->task_group);
    if (s->inner != NULL)
        AWAIT_CORO(perform_later(self->around->run, self->around->who,
                                 s->inner));
    END;
}

static struct coro *open_group(struct perform *self)
{
    struct group_body *body = arena(self->run, sizeof *body);

    *body = (struct group_body){ CORO(group_body), .around = self };
    return &body->coro;
}

/* Gives the error of a group its words: its children's, then its body's. */
static void name_group(struct perform *self, struct task *task)
{
    const struct task_group *group = &self->task_group;
    struct group_text *entry;
    struct text text = { .at = NULL };
    const char *comma = "";

    add(&text, "group[");
    LIST_EACH(&group->errors, link) {
        add(&text, "%s%s", comma, error_words(self->run,
            &CONTAINER(link, struct group_child, link)->task.error));
        comma = ",";
    }
    if (group->body_error.code != 0)
        add(&text, "%s%s", comma, error_words(self->run, &group->body_error));
    add(&text, "]");
    entry = arena(self->run, sizeof *entry);
    entry->text = strcpy(arena(self->run, text.used + 1), text.at);
    free(text.at);
    if (!list_empty(&self->run->groups))
        entry->number = CONTAINER(self->run->groups.prev, struct group_text,
                                  link)->number + 1;
    list_add(&self->run->groups, &entry->link);
    error_set(&task->error, E_GROUP, "%d", entry->number);
}

/* A time beyond the clock is as good as its end, 292 years away. */
static int64_t nanoseconds(int64_t ms)
{
    const int64_t most = INT64_MAX / MILLISECONDS(1);

    return ms > most ? INT64_MAX : ms < -most ? -INT64_MAX
        : MILLISECONDS(ms);
}

static struct limit limit_of(const struct scn_statement *s)
{
    return s->no_limit ? (struct limit){ .set = false }
                       : WITHIN(nanoseconds(s->number));
}

static void add_ids(struct text *text, struct perform *self, bool done)
{
    const char *comma = "";

    for (int id = 0; id < SCN_IDS; id++) {
        bool named = false;

        for (size_t i = 0; i < self->statement->count; i++)
            named = named || self->statement->ids[i] == id;
        if (named && future_done(self->run->objects[id].future) == done) {
            add(text, "%s%d", comma, id);
            comma = ",";
        }
    }
}

/* "NAME OUT" for an await that ended; `code` is how. */
static void tell(struct perform *self, struct task *task, const char *name,
                 int code, const struct object *value)
{
    struct text text = { .at = NULL };

    if (code != 0)
        add(&text, " %s", error_words(self->run, &task->error));
    else if (self->statement->op == OP_WAIT) {
        add(&text, " ok done=[");
        add_ids(&text, self, true);
        add(&text, "] pending=[");
        add_ids(&text, self, false);
        add(&text, "]");
    } else {
        add(&text, " ok");
        if (value != NULL)
            add(&text, " ");
        if (value != NULL)
            add_value(&text, self->run, value);
    }
    say(self->run, self->who, "%s%s", name, text.at);
    free(text.at);
}

static void tell_one(struct perform *self, struct task *task,
                     const char *verb, int code)
{
    char name[32];
    int id = self->statement->ids[0];

    snprintf(name, sizeof name, "%s %d", verb, id);
    tell(self, task, name, code, &self->run->objects[id]);
}

static void tell_gather(struct perform *self, struct task *task, int code)
{
    struct object value = { .gather = code == 0 ? self->gather : NULL };

    tell(self, task, self->statement->op == OP_GATHER ? "gather" : "gatherx",
         code, &value);
}

static void tell_turn(struct perform *self, struct task *task, int code)
{
    struct object *objects = self->run->objects;
    char name[32];
    int id = 0;

    while (code == 0 && objects[id].future != self->next_completed.future)
        id++;
    snprintf(name, sizeof name, "ascomp #%zu", self->turn);
    self->turn++;
    tell(self, task, name, code, &objects[id]);
}

ASYNC(perform)
{
    const struct scn_statement *s = self->statement;
    int code;

    BEGIN;
    if (s->op >= OP_AWAIT && s->op <= OP_ASCOMP) {
        code = find(self, task);
        if (code != 0) {
            static const char *const names[] = { "await", "shield",
                "wait_for", "gather", "gatherx", "wait", "ascomp" };

            if (s->op <= OP_WAIT_FOR)
                tell_one(self, task, names[s->op - OP_AWAIT], code);
            else
                tell(self, task, names[s->op - OP_AWAIT], code, NULL);
            RERAISE(code);
        }
    }
    if (s->op == OP_TRY) {
        TRY_AWAIT_CORO(perform_later(self->run, self->who, s->inner));
    } else if (s->op == OP_TRYC) {
        CATCH_AWAIT_CORO(perform_later(self->run, self->who, s->inner));
    } else if (s->op == OP_WITHIN) {
        CATCH_AWAIT(timeout, .delay_ns = nanoseconds(s->number),
                    .body = perform_later(self->run, self->who, s->inner));
        tell(self, task, "within", self->timeout.coro.error, NULL);
        RERAISE(self->timeout.coro.error);
    } else if (s->op == OP_SLEEP) {
        CATCH_AWAIT(sleep, .delay_ns = nanoseconds(s->number));
        tell(self, task, "sleep", self->sleep.coro.error, NULL);
        RERAISE(self->sleep.coro.error);
    } else if (s->op == OP_AWAIT) {
        CATCH_AWAIT_FUTURE(self->futures[0]);
        tell_one(self, task, "await", task->outcome);
        RERAISE(task->outcome);
    } else if (s->op == OP_SHIELD) {
        CATCH_AWAIT_FUTURE(start_shield(self));
        tell_one(self, task, "shield", task->outcome);
        RERAISE(task->outcome);
    } else if (s->op == OP_WAIT_FOR) {
        CATCH_AWAIT(wait_for, .future = self->futures[0],
                    .timeout = WITHIN(nanoseconds(s->number)));
        tell_one(self, task, "wait_for", self->wait_for.coro.error);
        RERAISE(self->wait_for.coro.error);
    } else if (s->op == OP_GATHER || s->op == OP_GATHERX) {
        CATCH_AWAIT_FUTURE(start_gather(self, s->op));
        tell_gather(self, task, task->outcome);
        RERAISE(task->outcome);
    } else if (s->op == OP_WAIT) {
        self->wait_slots = arena(self->run, s->count
                                 * sizeof *self->wait_slots);
        CATCH_AWAIT(wait, .futures = self->futures, .count = s->count,
                    .slots = self->wait_slots, .timeout = limit_of(s),
                    .until = (enum wait_until)s->mode);
        tell(self, task, "wait", self->wait.coro.error, NULL);
        RERAISE(self->wait.coro.error);
    } else if (s->op == OP_ASCOMP) {
        code = as_completed(&self->it, task_loop(task),
                            arena(self->run, s->count
                                  * sizeof(struct completed)),
                            self->futures, s->count, limit_of(s));
        assert(code == 0);
        while (self->it.turns > 0) {
            CATCH_AWAIT(next_completed, .from = &self->it);
            tell_turn(self, task, self->next_completed.coro.error);
            if (self->next_completed.coro.error == E_CANCELLED)
                RERAISE(E_CANCELLED);
        }
        say(self->run, self->who, "ascomp end");
    } else if (s->op == OP_GROUP) {
        CATCH_AWAIT(task_group, .body = open_group(self));
        if (self->task_group.coro.error == E_GROUP)
            name_group(self, task);
        tell(self, task, "group", self->task_group.coro.error, NULL);
        RERAISE(self->task_group.coro.error);
    } else {
        code = act(self, task);
        RERAISE(code);
    }
    END;
}

/* --- The run ------------------------------------------------------------- */

static void run_until(struct run *run, struct future *future)
{
    if (loop_run_until(&run->loop, future) == E_DEADLOCK)
        say(run, -1, "deadlock");
}

static void shut_down(struct run *run)
{
    struct future *futures[SCN_IDS];
    struct gather_slot slots[SCN_IDS];
    struct gather all;
    int ids[SCN_IDS];
    size_t n = 0;

    for (int id = 0; id < SCN_IDS; id++)
        if (run->objects[id].task != NULL
            && !future_done(run->objects[id].future))
            ids[n++] = id;
    say(run, -1, "shutdown %zu", n);
    for (size_t i = 0; i < n; i++) {
        futures[i] = run->objects[ids[i]].future;
        future_cancel(futures[i]);
    }
    if (n > 0)
        run_until(run, gather(&all, &run->loop, slots, futures, n,
                              GATHER_RETURN));
    for (size_t i = 0; i < n; i++) {
        char event[32];

        snprintf(event, sizeof event, "shutdown_error %d", ids[i]);
        if (futures[i]->state == FUTURE_ERROR) {
            say_state(run, -1, event, &run->objects[ids[i]], "");
            future_look(futures[i]);
        }
    }
    if (n > 0)
        gather_close(&all);
}

static void play_scenario(struct run *run)
{
    for (int id = 0; id < SCN_IDS; id++) {
        if (run->scn->definitions[id].kind != SCN_FUT)
            continue;
        run->objects[id].future = arena(run, sizeof(struct future));
        future_init(run->objects[id].future, &run->loop, FUTURE_PLAIN);
    }
    spawn(run, -1, 0, NULL);
    run_until(run, run->objects[0].future);
    future_outcome(run->objects[0].future);
    shut_down(run);
    while (run->loop.ready.tail != NULL)
        loop_turn(&run->loop, false);
    for (int id = 0; id < SCN_IDS; id++)
        if (run->objects[id].future != NULL)
            say_state(run, id, "final", &run->objects[id],
                      run->objects[id].future->unlooked ? " unretrieved"
                                                        : "");
}

static void run_scenario(const struct scn *scn, FILE *out, FILE *nowhere)
{
    struct loop_options options = { .virtual_time = true, .log = nowhere };
    struct run *run = calloc(1, sizeof *run);
    struct error error;

    if (run == NULL)
        abort();
    run->scn = scn;
    run->out = out;
    list_init(&run->groups);
    if (loop_open(&run->loop, &options, &error) != 0) {
        fprintf(stderr, "scenario: %s\n", error.text);
        exit(2);
    }
    play_scenario(run);
    loop_close(&run->loop);
    while (run->blocks != NULL) {
        struct block *next = run->blocks->next;

        free(run->blocks);
        run->blocks = next;
    }
    free(run);
}

static char *read_file(const char *name)
{
    FILE *file = fopen(name, "r");
    struct text text = { .at = NULL };
    char part[4096];
    bool bad = false;
    size_t n;

    if (file == NULL) {
        perror(name);
        return NULL;
    }
    add(&text, "%s", "");
    while ((n = fread(part, 1, sizeof part, file)) > 0 && !bad) {
        bad = memchr(part, '\0', n) != NULL;
        add(&text, "%.*s", (int)n, part);
    }
    if (ferror(file))
        perror(name);
    else if (bad)
        fprintf(stderr, "%s: a NUL byte\n", name);
    bad = bad || ferror(file);
    fclose(file);
    if (!bad)
        return text.at;
    free(text.at);
    return NULL;
}

/* NAME.scn -> NAME.trace; false if the name does not end so. */
static bool trace_name(const char *name, char *trace, size_t size)
{
    size_t n = strlen(name);

    if (n < 4 || strcmp(name + n - 4, ".scn") != 0)
        return false;
    snprintf(trace, size, "%.*s.trace", (int)(n - 4), name);
    return true;
}

/* Is what we print what stands in NAME.trace? Else the first line that is
 * not. */
static bool matches(const char *name, const char *got)
{
    char path[1024];
    char *expected = trace_name(name, path, sizeof path) ? read_file(path)
                                                         : NULL;
    int line = 1;
    size_t at = 0, start = 0;
    bool same = expected != NULL && strcmp(expected, got) == 0;

    if (expected != NULL && !same) {
        while (expected[at] == got[at]) {
            if (got[at] == '\n') {
                line++;
                start = at + 1;
            }
            at++;
        }
        printf("%s:%d:\n  CPython: %.*s\n  lab:     %.*s\n", path, line,
               (int)strcspn(expected + start, "\n"), expected + start,
               (int)strcspn(got + start, "\n"), got + start);
    }
    free(expected);
    return same;
}

static int check_scenario(const char *name, const struct scn *scn,
                          FILE *nowhere)
{
    char *got = NULL;
    size_t size;
    FILE *out = open_memstream(&got, &size);
    bool same;

    if (out == NULL)
        abort();
    run_scenario(scn, out, nowhere);
    fclose(out);
    same = matches(name, got);
    free(got);
    return same ? 0 : 1;
}

int main(int argc, char **argv)
{
    bool check = argc > 1 && strcmp(argv[1], "--check") == 0;
    FILE *nowhere = fopen("/dev/null", "w");
    int status = 0;

    if (argc < 2 + check || nowhere == NULL) {
        fprintf(stderr, "usage: scenario [--check] FILE...\n");
        return 2;
    }
    for (int i = 1 + check; i < argc; i++) {
        char *text = read_file(argv[i]);
        struct scn *scn = text == NULL ? NULL
                                       : scn_parse(argv[i], text, stderr);

        if (scn == NULL)
            status = 2;
        else if (check)
            status |= check_scenario(argv[i], scn, nowhere);
        else
            run_scenario(scn, stdout, nowhere);
        if (scn != NULL)
            scn_free(scn);
        free(text);
    }
    fclose(nowhere);
    return status;
}
