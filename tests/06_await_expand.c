/* 06_await_expand.c - what the compiler makes of a coroutine's macros, in a
 * form that a person can read and a test can compare.
 *
 *     cc -E way_3_coroutine.c | 06_await_expand coroutine_get_body
 *
 * prints the switch of that function. Four things are done to it, none of
 * which changes what it means, and nothing else:
 *   - white space, one statement a line;
 *   - states and labels are numbered in order of appearance: S0 is the
 *     start, resume_S1 the label of state S1;
 *   - `do { ... } while (0)`, there so that a macro is one statement, is
 *     unwrapped, and empty statements go;
 *   - x = (a, b) becomes a; x = b.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKENS = 8192, NAMES = 32, COLUMNS = 76 };

struct code {
    char *at[TOKENS];
    size_t n;
};

_Noreturn static void die(const char *why)
{
    fprintf(stderr, "06_await_expand: %s\n", why);
    exit(2);
}

static bool is(const struct code *code, size_t i, const char *text)
{
    return i < code->n && strcmp(code->at[i], text) == 0;
}

static void push(struct code *code, char *token)
{
    if (code->n == TOKENS || token == NULL)
        die("too many tokens");
    code->at[code->n] = token;
    code->n++;
}

static void drop(struct code *code)
{
    while (code->n > 0) {
        code->n--;
        free(code->at[code->n]);
    }
}

/* --- Tokens -------------------------------------------------------------- */

static size_t token_length(const char *at)
{
    static const char *const two[] = { "->", "==", "!=", "<=", ">=", "+=",
                                       "-=", "&&", "||", "++", "--" };
    size_t n = 1;

    if (isalnum((unsigned char)*at) || *at == '_') {
        while (isalnum((unsigned char)at[n]) || at[n] == '_')
            n++;
        return n;
    }
    if (*at == '"' || *at == '\'') {
        while (at[n] != *at && at[n] != '\0')
            n += at[n] == '\\' ? 2 : 1;
        return n + 1;
    }
    for (size_t i = 0; i < sizeof two / sizeof two[0]; i++)
        if (strncmp(at, two[i], 2) == 0)
            return 2;
    return 1;
}

/* Is this top-level declaration the body of `name`? */
static bool defines(const struct code *code, const char *name)
{
    for (size_t i = 0; i + 1 < code->n && !is(code, i, "{"); i++)
        if (is(code, i, name) && is(code, i + 1, "("))
            return is(code, code->n - 1, "}");
    return false;
}

/* Leaves the definition of `name` in *code. Line markers and pragmas are
 * skipped, and so is every declaration before. */
static void read_function(FILE *file, const char *name, struct code *code)
{
    static char line[1 << 16];
    int depth = 0;

    while (fgets(line, sizeof line, file) != NULL) {
        char *at = line + strspn(line, " \t");

        while (*at != '\0' && *at != '\n' && *at != '#') {
            size_t n = token_length(at);

            push(code, strndup(at, n));
            depth += (*at == '{') - (*at == '}');
            if (depth == 0 && defines(code, name))
                return;
            if (depth == 0 && (*at == ';' || *at == '}'))
                drop(code);
            at += n;
            at += strspn(at, " \t");
        }
    }
    die("no such function");
}

/* --- What is done to them ------------------------------------------------ */

/* The index of what closes the bracket at `i`. */
static size_t closing(const struct code *code, size_t i)
{
    int depth = 0;

    for (; i < code->n; i++) {
        depth += strchr("({[", *code->at[i]) != NULL;
        depth -= strchr(")}]", *code->at[i]) != NULL;
        if (depth == 0)
            return i;
    }
    die("a bracket without its end");
}

/* From `switch` to its brace. */
static void only_switch(struct code *out, const struct code *in)
{
    size_t i = 0, end;

    while (i < in->n && !is(in, i, "switch"))
        i++;
    end = closing(in, closing(in, i + 1) + 1);
    for (; i <= end; i++)
        push(out, in->at[i]);
}

static void unwrap(struct code *out, const struct code *in, size_t from,
                   size_t to);

/* do { ... } while (0); without the wrapping; braces stay after an if. The
 * index of the first token behind it, or `i` if it is another loop. */
static size_t unwrap_do(struct code *out, const struct code *in, size_t i)
{
    size_t end = closing(in, i + 1);
    bool braces = out->n > 0 && (is(out, out->n - 1, ")")
                                 || is(out, out->n - 1, "else"));

    if (!is(in, end + 1, "while") || !is(in, end + 3, "0")
        || !is(in, end + 4, ")"))
        return i;
    if (braces)
        push(out, in->at[i + 1]);
    unwrap(out, in, i + 2, end);
    if (braces)
        push(out, in->at[end]);
    return is(in, end + 5, ";") ? end + 6 : end + 5;
}

/* The last comma of what is bracketed from `open` to `end`; 0: none. */
static size_t last_comma(const struct code *in, size_t open, size_t end)
{
    size_t comma = 0;
    int depth = 0;

    for (size_t i = open + 1; i < end; i++) {
        depth += strchr("({[", *in->at[i]) != NULL;
        depth -= strchr(")}]", *in->at[i]) != NULL;
        if (depth == 0 && is(in, i, ","))
            comma = i;
    }
    return comma;
}

/* x = ((a, b)); as a; x = b; - what follows, or `i` if it is not that. */
static size_t unwrap_comma(struct code *out, const struct code *in, size_t i)
{
    static char semicolon[] = ";";
    size_t open = i + 1, start = i, end, comma;

    while (is(in, open + 1, "("))
        open++;
    end = closing(in, open);
    comma = last_comma(in, open, end);
    if (comma == 0)
        return i;
    while (start > 0 && strchr(";{}:", *in->at[start - 1]) == NULL)
        start--;
    out->n -= i - start; /* x, already there, comes second */
    for (size_t j = open + 1; j < comma; j++)
        push(out, in->at[j]);
    push(out, semicolon);
    for (size_t j = start; j <= i; j++)
        push(out, in->at[j]);
    for (size_t j = comma + 1; j < end; j++)
        push(out, in->at[j]);
    return closing(in, i + 1) + 1;
}

static void unwrap(struct code *out, const struct code *in, size_t from,
                   size_t to)
{
    for (size_t i = from; i < to;) {
        size_t next = i;

        if (is(in, i, "do") && is(in, i + 1, "{"))
            next = unwrap_do(out, in, i);
        else if (is(in, i, "=") && is(in, i + 1, "("))
            next = is(in, i + 2, "struct") ? i : unwrap_comma(out, in, i);
        if (next != i) {
            i = next;
            continue;
        }
        if (!is(in, i, ";") || out->n == 0
            || strchr(";{:", *out->at[out->n - 1]) == NULL)
            push(out, in->at[i]);
        i++;
    }
}

struct names {
    const char *prefix;
    size_t n;
    const char *old[NAMES];
    char new[NAMES][16];
};

static void add_name(struct names *names, const char *old)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->old[i], old) == 0)
            return;
    if (names->n == NAMES)
        die("too many names");
    names->old[names->n] = old;
    snprintf(names->new[names->n], sizeof names->new[0], "%s%zu",
             names->prefix, names->n);
    names->n++;
}

static void rename_all(struct code *code, struct names *names, size_t i)
{
    for (size_t j = 0; j < names->n; j++)
        if (names->old[j][0] != '\0' && strcmp(code->at[i],
                                               names->old[j]) == 0)
            code->at[i] = names->new[j];
}

/* States stand after `case` and after `pc =`, labels after `goto` and where
 * it goes to; the first label belongs to S1. */
static void number_states(struct code *code)
{
    static struct names states = { .prefix = "S" };
    static struct names labels = { .prefix = "resume_S", .n = 1,
                                   .old = { "" } };

    for (size_t i = 0; i + 1 < code->n; i++)
        if (is(code, i, "goto"))
            add_name(&labels, code->at[i + 1]);
    for (size_t i = 0; i + 1 < code->n; i++) {
        rename_all(code, &labels, i);
        if (!is(code, i, "case")
            && !(is(code, i, "=") && i > 0 && is(code, i - 1, "pc")))
            continue;
        add_name(&states, code->at[i + 1]);
        rename_all(code, &states, i + 1);
    }
}

/* --- Printing ------------------------------------------------------------ */

static bool word(const char *token)
{
    return isalnum((unsigned char)*token) || *token == '_' || *token == '"';
}

/* A space between them? */
static bool apart(const char *a, const char *b)
{
    static const char *const keywords[] = { "if", "while", "switch",
                                            "return" };

    if ((strchr("([.!&", *a) != NULL && a[1] == '\0')
        || strcmp(a, "->") == 0)
        return false;
    if (strchr(")];,:", *b) != NULL || strcmp(b, "->") == 0)
        return false;
    if (*b == '.')
        return *a == ',' || *a == '{';
    if (*b != '(')
        return true;
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (strcmp(a, keywords[i]) == 0)
            return true;
    return !word(a);
}

/* Does `{` at `i` open an initialiser: (struct x){ ... }? */
static bool initialises(const struct code *code, size_t i)
{
    size_t open = i;

    if (i == 0 || !is(code, i, "{") || !is(code, i - 1, ")"))
        return false;
    do
        open--;
    while (open > 0 && closing(code, open) != i - 1);
    return is(code, open + 1, "struct");
}

/* One statement, broken where it gets too wide. */
static void print_line(FILE *out, const struct code *code, size_t from,
                       size_t to, int indent)
{
    int column = fprintf(out, "%*s", indent, "");

    for (size_t i = from; i < to; i++) {
        int width = (int)strlen(code->at[i]);
        bool space = i > from && apart(code->at[i - 1], code->at[i])
            && !initialises(code, i);

        if (space && column + width + 2 > COLUMNS)
            column = fprintf(out, "\n%*s", indent + 4, "") - 1;
        else if (space)
            column += fprintf(out, " ");
        column += fprintf(out, "%s", code->at[i]);
    }
    fputc('\n', out);
}

/* Where the line that begins at `from` ends: behind its ; or : or { or }, or
 * behind the condition of an `if` without braces. */
static size_t line_end(const struct code *code, size_t from)
{
    if (is(code, from, "if")
        && !is(code, closing(code, from + 1) + 1, "{"))
        return closing(code, from + 1) + 1;
    for (size_t i = from; i < code->n; i++) {
        if (*code->at[i] == '(' || initialises(code, i))
            i = closing(code, i);
        else if (strchr(";:{}", *code->at[i]) != NULL)
            return i + 1;
    }
    return code->n;
}

static void print_code(FILE *out, const struct code *code)
{
    size_t from = 0, end;
    int indent = 0, extra = 0; /* a label's, a lonely statement's */

    for (; from < code->n; from = end) {
        end = line_end(code, from);
        if (is(code, from, "}"))
            indent -= 4;
        if (is(code, end - 1, ":"))
            extra = -4;
        print_line(out, code, from, end, indent + extra);
        extra = is(code, end - 1, ")") ? 4 : 0;
        if (is(code, end - 1, "{"))
            indent += 4;
    }
}

int main(int argc, char **argv)
{
    static struct code all, body, code;
    FILE *in, *out;

    if (argc != 4)
        die("usage: 06_await_expand FUNCTION PREPROCESSED OUT");
    in = fopen(argv[2], "r");
    if (in == NULL)
        die("cannot read the preprocessed file");
    read_function(in, argv[1], &all);
    fclose(in);
    only_switch(&body, &all);
    unwrap(&code, &body, 0, body.n);
    number_states(&code);
    out = fopen(argv[3], "w");
    if (out == NULL)
        die("cannot write");
    print_code(out, &code);
    drop(&all);
    return fclose(out) != 0;
}
