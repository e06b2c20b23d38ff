/* scn.c - a parser for scenarios: one line, one statement.
 *
 * Each statement's words are described by a shape of one letter each; the
 * parser walks the shape. Checks what a line alone cannot show at the end.
 */
#include "scn.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    const char *name;
    FILE *errors;
    int line;
    bool failed;
    struct scn *scn;
    struct scn_definition *task;  /* whose lines these are */
    struct scn_statement **tail;  /* where the next statement goes */
    char *rest;                   /* strtok_r's */
    char *word;                   /* the present word; NULL: end of line */
};

/* i one id, * ids to the end, + the same but at least one, n a number,
 * t a number or "-", m a wait mode, w a word, L let's id and combinator,
 * g ids and then perhaps "do" and a statement. */
static const struct {
    const char *word;
    enum scn_op op;
    const char *shape;
} shapes[] = {
    { "sleep", OP_SLEEP, "n" }, { "await", OP_AWAIT, "i" },
    { "shield", OP_SHIELD, "i" }, { "wait_for", OP_WAIT_FOR, "ni" },
    { "gather", OP_GATHER, "+" }, { "gatherx", OP_GATHERX, "+" },
    { "wait", OP_WAIT, "mt+" }, { "ascomp", OP_ASCOMP, "t+" },
    { "group", OP_GROUP, "g" }, { "spawn", OP_SPAWN, "i" },
    { "let", OP_LET, "L+" }, { "cancel", OP_CANCEL, "i" },
    { "uncancel", OP_UNCANCEL, "" }, { "peek", OP_PEEK, "i" },
    { "cb", OP_CB, "i" }, { "set", OP_SET, "in" }, { "fail", OP_FAIL, "in" },
    { "return", OP_RETURN, "n" }, { "raise", OP_RAISE, "n" },
    { "log", OP_LOG, "w" },
};

__attribute__((format(printf, 2, 3)))
static void fail(struct parser *p, const char *format, ...)
{
    va_list arguments;

    if (p->failed)
        return;
    p->failed = true;
    fprintf(p->errors, "%s:%d: ", p->name, p->line);
    va_start(arguments, format);
    vfprintf(p->errors, format, arguments);
    va_end(arguments);
    fputc('\n', p->errors);
}

static void next_word(struct parser *p)
{
    p->word = strtok_r(NULL, " \t\r", &p->rest);
}

static long number(struct parser *p)
{
    char *end;
    long value;

    if (p->word == NULL) {
        fail(p, "a number is missing");
        return 0;
    }
    errno = 0;
    value = strtol(p->word, &end, 10);
    if (*end != '\0' || end == p->word || errno != 0 || p->word[0] == '+')
        fail(p, "'%s' is not an integer", p->word);
    next_word(p);
    return value;
}

static int id(struct parser *p)
{
    long value = number(p);

    if (value < 0 || value >= SCN_IDS) {
        fail(p, "id %ld is not in 0..%d", value, SCN_IDS - 1);
        return 0;
    }
    return (int)value;
}

static int one_of(struct parser *p, const char *const words[3])
{
    for (int i = 0; i < 3; i++) {
        if (p->word != NULL && strcmp(p->word, words[i]) == 0) {
            next_word(p);
            return i;
        }
    }
    fail(p, "'%s' is not one of %s, %s, %s", p->word ? p->word : "",
         words[0], words[1], words[2]);
    return 0;
}

static void ids(struct parser *p, struct scn_statement *s, size_t least)
{
    while (p->word != NULL && strcmp(p->word, "do") != 0
           && !p->failed) {
        if (s->count == SCN_IDS)
            fail(p, "more than %d ids", SCN_IDS);
        else
            s->ids[s->count++] = id(p);
    }
    if (s->count < least)
        fail(p, "an id is missing");
}

static struct scn_statement *statement(struct parser *p, bool alone);

static void argument(struct parser *p, struct scn_statement *s, char shape)
{
    static const char *const modes[] = { "all", "first", "exc" };
    static const char *const combinators[] = { "gather", "gatherx",
                                               "shield" };
    static const enum scn_op bound[] = { OP_GATHER, OP_GATHERX, OP_SHIELD };

    switch (shape) {
    case 'i': s->ids[0] = id(p); s->count = 1; break;
    case 'n': s->number = number(p); break;
    case '+': ids(p, s, 1); break;
    case 'm': s->mode = one_of(p, modes); break;
    case 't':
        s->no_limit = p->word != NULL && strcmp(p->word, "-") == 0;
        if (s->no_limit)
            next_word(p);
        else
            s->number = number(p);
        break;
    case 'w':
        if (p->word == NULL)
            fail(p, "a word is missing");
        else
            s->word = strdup(p->word);
        next_word(p);
        break;
    case 'L':
        s->id = id(p);
        s->combinator = bound[one_of(p, combinators)];
        break;
    default: /* 'g' */
        ids(p, s, 0);
        if (p->word != NULL && strcmp(p->word, "do") == 0) {
            next_word(p);
            s->inner = statement(p, false);
        }
    }
}

static void operation(struct parser *p, struct scn_statement *s)
{
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        if (strcmp(p->word, shapes[i].word) != 0)
            continue;
        s->op = shapes[i].op;
        next_word(p);
        for (const char *shape = shapes[i].shape; *shape != '\0'; shape++)
            argument(p, s, *shape);
        return;
    }
    fail(p, "unknown statement '%s'", p->word);
}

static void prefix(struct parser *p, struct scn_statement *s, enum scn_op op)
{
    s->op = op;
    next_word(p);
    if (op == OP_WITHIN)
        s->number = number(p);
    s->inner = statement(p, false);
}

/* `alone`: neither after a prefix nor after do, where return may stand. */
static struct scn_statement *statement(struct parser *p, bool alone)
{
    struct scn_statement *s = calloc(1, sizeof *s);

    if (s == NULL)
        abort();
    s->line = p->line;
    if (p->word == NULL)
        fail(p, "a statement is missing");
    else if (strcmp(p->word, "try") == 0)
        prefix(p, s, OP_TRY);
    else if (strcmp(p->word, "tryc") == 0)
        prefix(p, s, OP_TRYC);
    else if (strcmp(p->word, "within") == 0)
        prefix(p, s, OP_WITHIN);
    else
        operation(p, s);
    if (s->op == OP_RETURN && !alone)
        fail(p, "return takes no prefix and does not stand after do");
    if (s->op == OP_RETURN && p->task->has_finally)
        fail(p, "return does not stand in finally");
    if (s->op == OP_LET) {
        struct scn_definition *let = &p->scn->definitions[s->id];

        if (s->combinator == OP_SHIELD && s->count != 1)
            fail(p, "shield takes one id");
        if (let->kind == SCN_UNUSED)
            let->kind = SCN_LET;
    }
    return s;
}

static void define(struct parser *p, enum scn_kind kind)
{
    struct scn_definition *definition;

    next_word(p);
    definition = &p->scn->definitions[id(p)];
    if (!p->failed && definition->kind != SCN_UNUSED)
        fail(p, "this id is taken");
    definition->kind = kind;
    if (kind == SCN_TASK) {
        p->task = definition;
        p->tail = &definition->body;
    }
}

static void begin_finally(struct parser *p)
{
    if (p->task == NULL || p->task->has_finally) {
        fail(p, p->task == NULL ? "finally stands outside a task"
                                : "a task has one finally");
        return;
    }
    p->task->has_finally = true;
    p->tail = &p->task->finally;
    next_word(p);
}

static void parse_line(struct parser *p, char *line)
{
    line[strcspn(line, "#")] = '\0';
    p->word = strtok_r(line, " \t\r", &p->rest);
    if (p->word == NULL)
        return;
    if (strcmp(p->word, "fut") == 0) {
        define(p, SCN_FUT);
    } else if (strcmp(p->word, "task") == 0) {
        define(p, SCN_TASK);
    } else if (strcmp(p->word, "finally") == 0) {
        begin_finally(p);
    } else if (p->task == NULL) {
        fail(p, "a statement stands outside a task");
    } else {
        *p->tail = statement(p, true);
        p->tail = &(*p->tail)->next;
    }
    if (p->word != NULL)
        fail(p, "'%s' is too much", p->word);
}

static void check_ids(struct parser *p, const struct scn_statement *s)
{
    for (; s != NULL && !p->failed; s = s->next) {
        p->line = s->line;
        if (s->inner != NULL)
            check_ids(p, s->inner);
        if (s->op == OP_LET && p->scn->definitions[s->id].kind != SCN_LET)
            fail(p, "let %d: the id is taken by a task or a fut", s->id);
        for (size_t i = 0; i < s->count; i++) {
            enum scn_kind kind = p->scn->definitions[s->ids[i]].kind;

            if (kind == SCN_UNUSED)
                fail(p, "id %d is not defined", s->ids[i]);
            else if ((s->op == OP_SET || s->op == OP_FAIL) && kind != SCN_FUT)
                fail(p, "set, fail: %d is not a fut", s->ids[i]);
            else if ((s->op == OP_SPAWN || s->op == OP_GROUP)
                     && kind != SCN_TASK)
                fail(p, "spawn, group: %d is not a task", s->ids[i]);
        }
    }
}

struct scn *scn_parse(const char *name, char *text, FILE *errors)
{
    struct parser p = { .name = name, .errors = errors };
    char *line = text;

    p.scn = calloc(1, sizeof *p.scn);
    if (p.scn == NULL)
        abort();
    while (line != NULL && !p.failed) {
        char *end = strchr(line, '\n');

        if (end != NULL)
            *end = '\0';
        p.line++;
        parse_line(&p, line);
        line = end != NULL ? end + 1 : NULL;
    }
    if (p.scn->definitions[0].kind != SCN_TASK)
        fail(&p, "there is no task 0");
    for (int i = 0; i < SCN_IDS && !p.failed; i++) {
        check_ids(&p, p.scn->definitions[i].body);
        check_ids(&p, p.scn->definitions[i].finally);
    }
    if (!p.failed)
        return p.scn;
    scn_free(p.scn);
    return NULL;
}

static void free_statements(struct scn_statement *s)
{
    while (s != NULL) {
        struct scn_statement *next = s->next;

        free_statements(s->inner);
        free(s->word);
        free(s);
        s = next;
    }
}

void scn_free(struct scn *scn)
{
    for (int i = 0; i < SCN_IDS; i++) {
        free_statements(scn->definitions[i].body);
        free_statements(scn->definitions[i].finally);
    }
    free(scn);
}
