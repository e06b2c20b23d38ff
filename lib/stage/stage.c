/* stage.c - see stage.h. A demo is one coroutine; this is the theatre. */
#include "stage/stage.h"

#include "http/url.h"
#include "stage/guess.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTIONS_MAX = 24 };

/* One line and exit 2: "11_gather: --speed 0: not a number". */
_Noreturn static void refuse(const char *program, const char *option,
                             const char *value, const char *why)
{
    fprintf(stderr, "%s: %s %s: %s\n", program, option, value, why);
    exit(2);
}

/* 0 stands for virtual time. The limits keep a delay within an int64_t. */
static double parse_speed(const char *program, const char *text)
{
    char *end;
    double factor;

    if (text == NULL)
        return 1;
    if (strcmp(text, "max") == 0)
        return 0;
    factor = strtod(text, &end);
    if (end == text || *end != '\0' || !(factor >= 0.001 && factor <= 1e6))
        refuse(program, "--speed", text, "not a number from 0.001 to "
               "1000000, or max");
    return factor;
}

static void check_url(const char *program, const char *text,
                      bool speaks_tls)
{
    struct http_url url;
    enum http_error error;

    if (text == NULL)
        return;
    if (strlen(text) >= STAGE_URL)
        refuse(program, "--url", text, "too long");
    error = speaks_tls ? http_url_parse_any(&url, http_text(text))
                       : http_url_parse(&url, http_text(text));
    if (error != HTTP_OK)
        refuse(program, "--url", text, url.why);
}

/* Now, because a run whose picture cannot be kept is a run in vain. */
static FILE *open_picture(const char *program, const char *option,
                          const char *path)
{
    FILE *file = path == NULL ? NULL : fopen(path, "w");

    if (path != NULL && file == NULL)
        refuse(program, option, path, strerror(errno));
    return file;
}

/* One of the words of `parts`. */
static void check_part(const struct stage *stage, const char *program)
{
    struct guess guess = { .word = stage->only };
    char words[256], *save;

    snprintf(words, sizeof words, "%s", stage->parts);
    for (char *word = strtok_r(words, ", ", &save); word != NULL;
         word = strtok_r(NULL, ", ", &save)) {
        if (strcmp(word, "or") == 0)
            continue;
        if (strcmp(word, stage->only) == 0)
            return;
        guess_try(&guess, word);
    }
    guess_refuse(&guess, program, "part", "--help");
}

static void parse(struct stage *stage, int argc, char **argv)
{
    const struct option ours[] = {
        { "--only", &stage->only, NULL, "PART", stage->parts },
        { "--url", &stage->given_url, NULL, "URL",
          "use this server instead of our own" },
        { "--speed", &stage->speed, NULL, "X",
          "delays X times shorter; max: virtual time" },
        { "--poller", &stage->poller, NULL, "NAME",
          "select, poll or epoll" },
        { "--step", NULL, &stage->step, NULL,
          "stop before each turn of the loop; time is virtual" },
        { "--timeline", NULL, &stage->timeline, NULL,
          "draw this run when it is over" },
        { "--svg", &stage->svg, NULL, "FILE", "the same as SVG" },
        { "--trace-json", &stage->json, NULL, "FILE",
          "the same for ui.perfetto.dev" },
        { "--stamps", NULL, &stage->stamps, NULL,
          "begin each line with the time in ms" },
        { "--quiet", NULL, &stage->quiet, NULL, "say less" },
    };
    struct option all[OPTIONS_MAX] = { { NULL, NULL, NULL, NULL, NULL } };
    size_t n = 0;

    for (const struct option *o = stage->more; o != NULL && o->name; o++)
        all[n++] = *o;
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (i == 0 ? stage->parts != NULL : i > 1 || !stage->no_origin)
            all[n++] = ours[i];
    stage->word_count = (size_t)options_words(argc, argv, all, stage->about,
                                              stage->words);
    stage->word = (const char *const *)(argv + 1);
    if (stage->only != NULL)
        check_part(stage, argv[0]);
    if (stage->step && stage->speed == NULL)
        stage->speed = "max";
    stage->factor = parse_speed(argv[0], stage->speed);
    check_url(argv[0], stage->given_url, stage->speaks_tls);
    stage->svg_file = open_picture(argv[0], "--svg", stage->svg);
    stage->json_file = open_picture(argv[0], "--trace-json", stage->json);
}

/* The origin's own tasks are not what a picture is about. */
static void filter(struct loop_hook *hook, struct loop *loop,
                   const struct loop_event *event)
{
    struct stage *stage = CONTAINER(hook, struct stage, hook);

    if (event->task == NULL || event->task->name[0] != '~')
        stage->trace.hook.tell(&stage->trace.hook, loop, event);
}

static int open_all(struct stage *stage, struct error *error)
{
    struct loop_options options = {
        .poller = stage->poller, .virtual_time = stage->factor == 0,
        .catch_sigint = true
    };
    int code = loop_open(&stage->storage, &options, error);

    if (code != 0)
        return code;
    stage->loop = &stage->storage;
    stage->began_ns = loop_now(stage->loop);
    if (stage->timeline || stage->svg != NULL || stage->json != NULL) {
        trace_open(&stage->trace, stage->loop);
        stage->hook.tell = filter;
        stage->loop->hook = &stage->hook;
    }
    if (stage->step)
        step_open(&stage->stepper, stage->loop, stdin, stdout);
    stage->url = stage->given_url;
    if (stage->no_origin || stage->given_url != NULL)
        return 0;
    code = origin_start(&stage->origin, stage->loop, "127.0.0.1", 0, error);
    stage->origin.delay_scale = stage->factor == 0 ? 1 : 1 / stage->factor;
    snprintf(stage->url_text, sizeof stage->url_text,
             "http://127.0.0.1:%u/", stage->origin.port);
    stage->url = stage->url_text;
    return code;
}

static void draw(struct stage *stage, const char *name)
{
    const char *locale = getenv("LC_ALL");

    if (locale == NULL || *locale == '\0')
        locale = getenv("LANG");
    if (stage->timeline)
        trace_text(&stage->trace, stdout, locale != NULL
                   && strstr(locale, "UTF-8") != NULL);
    if (stage->svg_file != NULL)
        trace_svg(&stage->trace, stage->svg_file, name, name, stage->about);
    if (stage->json_file != NULL)
        trace_json(&stage->trace, stage->json_file);
}

/* False, with a line: the disk is full. */
static bool close_picture(FILE *file, const char *path)
{
    bool bad = file != NULL && ferror(file) != 0;

    if (file != NULL && (fclose(file) != 0 || bad)) {
        fprintf(stderr, "write %s: %s\n", path, strerror(errno));
        return false;
    }
    return true;
}

int stage_run(struct stage *stage, int argc, char **argv, struct coro *show)
{
    const char *slash = strrchr(argv[0], '/');
    const char *name = slash != NULL ? slash + 1 : argv[0];
    struct error error;
    int code;

    parse(stage, argc, argv);
    code = open_all(stage, &error);
    if (code != 0) {
        fprintf(stderr, "%s: %s\n", name, error.text);
        if (stage->loop != NULL)
            loop_close(stage->loop);
        return 2;
    }
    code = loop_run(stage->loop, show);
    stage_progress_line(stage, NULL);
    step_close(&stage->stepper);
    fflush(stdout);
    if (stage->stepper.quit && code == E_CANCELLED)
        code = 0; /* as asked for */
    else if (code == E_INTERRUPTED)
        fprintf(stderr, "%s: interrupted\n", name);
    else if (code != 0)
        fprintf(stderr, "%s: %s\n", name, stage->loop->main.error.text);
    if (stage->loop->hook != NULL) {
        draw(stage, name);
        trace_close(&stage->trace);
    }
    if (!close_picture(stage->svg_file, stage->svg) && code == 0)
        code = EIO;
    if (!close_picture(stage->json_file, stage->json) && code == 0)
        code = EIO;
    loop_close(stage->loop);
    return code == E_INTERRUPTED ? 130 : code != 0;
}

void stage_say(struct stage *stage, const char *format, ...)
{
    int64_t ms = (loop_now(stage->loop) - stage->began_ns) / 1000000;
    va_list arguments;

    stage_progress_line(stage, NULL);
    if (stage->stamps)
        printf("%5lld | ", (long long)ms);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

bool stage_only(const struct stage *stage, const char *part)
{
    return stage->only != NULL && strcmp(stage->only, part) == 0;
}

bool stage_part(struct stage *stage, const char *part)
{
    if (stage->only != NULL)
        return stage_only(stage, part);
    if (!stage->quiet
        && (stage->part == NULL || strcmp(stage->part, part) != 0))
        stage_say(stage, "== %s", part);
    stage->part = part;
    return true;
}

int64_t stage_ns(const struct stage *stage, double seconds)
{
    return SECONDS(stage->factor == 0 ? seconds : seconds / stage->factor);
}

void stage_progress_line(struct stage *stage, const char *line)
{
    int64_t now = loop_now(stage->loop);

    if (line == NULL) {
        if (stage->progress_ns != 0)
            fprintf(stderr, "\r\033[K");
        stage->progress_ns = 0;
        return;
    }
    if (stage->quiet || now - stage->progress_ns < MILLISECONDS(100)
        || !isatty(STDERR_FILENO))
        return;
    stage->progress_ns = now;
    fprintf(stderr, "\r%s\033[K", line);
}

void stage_progress(struct stage *stage, size_t done, size_t total)
{
    char line[64];

    snprintf(line, sizeof line, "%zu of %zu", done, total);
    stage_progress_line(stage, total > 0 ? line : NULL);
}

ASYNC(async_timed)
{
    BEGIN;
    self->began_ns = loop_now(task_loop(task));
    if (!self->stage->quiet)
        stage_say(self->stage, "starting %s(%s)", self->name,
                  self->arguments);
    CATCH_AWAIT_CORO(self->body);
    if (!self->stage->quiet)
        stage_say(self->stage, "finished %s in %.4f second(s)", self->name,
                  (double)(loop_now(task_loop(task)) - self->began_ns) / 1e9);
    RERAISE(self->body->error);
    END;
}

const char *stage_python_name(int code)
{
    switch (code) {
    case E_CANCELLED: return "CancelledError";
    case E_TIMEOUT: return "TimeoutError";
    case E_SERVER_TIMEOUT: return "ServerTimeoutError";
    case E_INVALID_URL: return "InvalidURL";
    case E_SCHEME: return "AssertionError";
    case E_DISCONNECTED: return "ServerDisconnectedError";
    case E_PROTOCOL: return "ClientResponseError";
    case E_REDIRECTS: return "TooManyRedirects";
    case E_CLOSED: case E_RUNTIME: return "RuntimeError";
    case E_VALUE: return "ValueError";
    case E_GROUP: return "ExceptionGroup";
    case ECONNREFUSED: case EHOSTUNREACH: return "ClientConnectorError";
    case ECONNRESET: case EPIPE: return "ClientOSError";
    default: return code == 0 ? "OK" : "OSError";
    }
}
