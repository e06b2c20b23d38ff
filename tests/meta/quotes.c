/* quotes.c - keeps prose true: what a page quotes is what its sources say.
 *
 *     quotes [--update] --root DIR --bin DIR PAGE.md...
 *
 * A page marks its quotes by comments, each followed by a fenced block:
 *
 *     <!-- code lessons/06_await/await.c | ASYNC(delay) -->
 *         from the line that begins so to the end of that function, struct
 *         or paragraph; a third part "| TEXT" ends it at the first line
 *         that contains TEXT
 *     <!-- output 06_await --speed max -->
 *         what that command prints, run in the bin directory by sh; port
 *         numbers read PORT; a status other than 0 is told
 *     <!-- svg picture.svg | 06_await --speed max -->
 *         (no block) the file beside the page is what the command draws
 *
 * Without --update, the first line that differs is shown and the exit code
 * is 1; with it, pages and pictures are rewritten where they differ.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct text {
    char *at;
    size_t used, size;
};

static bool update;
static const char *root = ".", *bin = ".";

_Noreturn static void die(const char *why, const char *what)
{
    fprintf(stderr, "quotes: %s: %s\n", why, what);
    exit(2);
}

static void add(struct text *text, const char *bytes, size_t n)
{
    if (text->used + n + 1 > text->size) {
        text->size = 2 * (text->used + n + 1);
        text->at = realloc(text->at, text->size);
        if (text->at == NULL)
            die("no memory", "a page");
    }
    memcpy(text->at + text->used, bytes, n);
    text->used += n;
    text->at[text->used] = '\0';
}

static struct text read_stream(FILE *stream)
{
    struct text text = { NULL, 0, 0 };
    char part[4096];
    size_t n;

    add(&text, "", 0);
    while ((n = fread(part, 1, sizeof part, stream)) > 0)
        add(&text, part, n);
    return text;
}

static struct text read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    struct text text;

    if (file == NULL)
        die("cannot read", path);
    text = read_stream(file);
    fclose(file);
    return text;
}

static void write_file(const char *path, const struct text *text)
{
    FILE *file = fopen(path, "w");

    if (file == NULL || fwrite(text->at, 1, text->used, file) != text->used
        || fclose(file) != 0)
        die("cannot write", path);
    printf("updated %s\n", path);
}

static size_t line_length(const char *line)
{
    size_t n = strcspn(line, "\n");

    return line[n] == '\n' ? n + 1 : n;
}

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

static bool contains(const char *line, const char *what)
{
    const char *found = strstr(line, what);

    return found != NULL && found < line + line_length(line);
}

/* Is `line` the last of a quote that began with another line? */
static bool ends(const char *line, const char *end, bool python)
{
    const char *next = line + line_length(line);

    if (*end != '\0')
        return contains(line, end);
    if (python)
        return *next == '\0'
            || (*next == '\n' && !isspace((unsigned char)next[1]));
    return *line == '}' || *next == '\0';
}

static struct text quote_code(const char *path, const char *start,
                              const char *end)
{
    char full[1024];
    struct text source, quote = { NULL, 0, 0 };
    const char *line;
    size_t n = strlen(path);
    bool python = n > 3 && strcmp(path + n - 3, ".py") == 0;

    snprintf(full, sizeof full, "%s/%s", root, path);
    source = read_file(full);
    add(&quote, "", 0);
    for (line = source.at; *line != '\0'; line += line_length(line))
        if (begins(line, start))
            break;
    if (*line == '\0')
        die("no line begins with", start);
    do {
        add(&quote, line, line_length(line));
        if (ends(line, end, python))
            break;
        line += line_length(line);
    } while (*line != '\0');
    free(source.at);
    return quote;
}

/* 127.0.0.1:40123 is another number each time. */
static struct text hide_ports(struct text text)
{
    static const char host[] = "127.0.0.1:";
    struct text out = { NULL, 0, 0 };
    const char *at = text.at;

    add(&out, "", 0);
    while (*at != '\0') {
        const char *found = strstr(at, host);
        size_t n = found != NULL ? (size_t)(found - at) + strlen(host)
                                 : strlen(at);

        add(&out, at, n);
        at += n;
        if (found == NULL || !isdigit((unsigned char)*at))
            continue;
        /* 127.0.0.1:99999 is no port, but somebody's example. */
        if (strtoul(at, NULL, 10) > 65535)
            continue;
        add(&out, "PORT", 4);
        at += strspn(at, "0123456789");
    }
    free(text.at);
    return out;
}

static struct text run(const char *command)
{
    char line[2048], told[64];
    struct text text;
    FILE *pipe;
    int status;

    snprintf(line, sizeof line, "cd '%s' && PATH=\".:$PATH\" LC_ALL=C %s 2>&1",
             bin, command);
    pipe = popen(line, "r");
    if (pipe == NULL)
        die("cannot run", command);
    text = read_stream(pipe);
    status = pclose(pipe);
    if (status != 0) {
        snprintf(told, sizeof told, "(exit status %d)\n",
                 WIFEXITED(status) ? WEXITSTATUS(status) : -1);
        add(&text, told, strlen(told));
    }
    return hide_ports(text);
}

/* Both on their first different line; 1. */
static int differ(const char *page, int line, const char *has,
                  const char *wants)
{
    while (*has != '\0' && line_length(has) == line_length(wants)
           && strncmp(has, wants, line_length(has)) == 0) {
        has += line_length(has);
        wants += line_length(wants);
        line++;
    }
    fprintf(stderr, "%s:%d: not what its source says\n  page:   %.*s\n"
            "  source: %.*s\n", page, line, (int)strcspn(has, "\n"), has,
            (int)strcspn(wants, "\n"), wants);
    return 1;
}

static int check_svg(const char *page, char *words)
{
    const char *slash = strrchr(page, '/');
    char *command = strchr(words, '|');
    char path[1024], drawn[] = "/tmp/quotes_svg_XXXXXX", line[2048];
    struct text has = { NULL, 0, 0 }, wants, output;
    int fd = mkstemp(drawn), failed = 0;

    if (command == NULL || fd < 0)
        die("svg wants FILE | COMMAND", words);
    *command = '\0';
    words[strcspn(words, " ")] = '\0';
    snprintf(path, sizeof path, "%.*s%s",
             slash != NULL ? (int)(slash - page) + 1 : 0, page, words);
    snprintf(line, sizeof line, "%s --svg %s", command + 1, drawn);
    output = run(line);
    wants = read_file(drawn);
    close(fd);
    unlink(drawn);
    if (access(path, R_OK) == 0)
        has = read_file(path);
    else
        add(&has, "", 0);
    if (strcmp(has.at, wants.at) != 0) {
        if (update)
            write_file(path, &wants);
        else
            failed = differ(path, 1, has.at, wants.at);
    }
    free(has.at);
    free(wants.at);
    free(output.at);
    return failed;
}

/* "code A | B | C": the parts, trimmed; missing ones are "". */
static void split(char *words, char *parts[3])
{
    static char none[1];

    for (int i = 0; i < 3; i++) {
        char *bar = words != NULL ? strstr(words, " | ") : NULL;

        parts[i] = words != NULL ? words : none;
        if (bar != NULL)
            *bar = '\0';
        words = bar != NULL ? bar + 3 : NULL;
    }
}

static struct text make(char *marker)
{
    char *parts[3];

    if (begins(marker, "output "))
        return run(marker + 7);
    split(marker + 5, parts);
    return quote_code(parts[0], parts[1], parts[2]);
}

/* The text between "<!-- " and " -->", if the line is a marker of ours. */
static bool marker_of(const char *line, char marker[static 1024])
{
    const char *end = strstr(line, " -->");

    if (!begins(line, "<!-- code ") && !begins(line, "<!-- output ")
        && !begins(line, "<!-- svg "))
        return false;
    if (end == NULL || end > line + line_length(line) || end - line > 1000)
        die("a marker without its end", line);
    snprintf(marker, 1024, "%.*s", (int)(end - line) - 5, line + 5);
    return true;
}

static int check_page(const char *path)
{
    struct text page = read_file(path), out = { NULL, 0, 0 }, wants;
    char marker[1024];
    int number = 1, failed = 0;
    const char *line = page.at;

    while (*line != '\0') {
        const char *block = line + line_length(line), *end;

        add(&out, line, line_length(line));
        number++;
        if (!marker_of(line, marker)) {
            line = block;
            continue;
        }
        line = block;
        if (begins(marker, "svg ")) {
            failed |= check_svg(path, marker + 4);
            continue;
        }
        if (!begins(block, "```"))
            die("no block follows a marker", path);
        add(&out, block, line_length(block));
        block += line_length(block);
        end = strstr(block, "```");
        if (end == NULL)
            die("a block without its end", path);
        wants = make(marker);
        add(&out, wants.at, wants.used);
        if ((size_t)(end - block) != wants.used
            || strncmp(block, wants.at, wants.used) != 0) {
            char *has = strndup(block, (size_t)(end - block));

            if (!update)
                failed |= differ(path, number + 1, has, wants.at);
            free(has);
        }
        for (const char *c = block - 1; c < end; c++)
            number += *c == '\n';
        free(wants.at);
        line = end;
    }
    if (update && (out.used != page.used
                   || memcmp(out.at, page.at, out.used) != 0))
        write_file(path, &out);
    free(out.at);
    free(page.at);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--update") == 0)
            update = true;
        else if (strcmp(argv[i], "--root") == 0 && i + 1 < argc)
            root = argv[++i];
        else if (strcmp(argv[i], "--bin") == 0 && i + 1 < argc)
            bin = argv[++i];
        else
            failed |= check_page(argv[i]);
    }
    return failed;
}
