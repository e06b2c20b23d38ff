/* demo.c - the tool: fetches a list of URLs, a limit at once, tries again
 * what may pass, and says of each what became of it.
 *
 *     18_fetchall http://example.com/ http://example.org/
 *     cat urls.txt | 18_fetchall --from - --output pages
 *
 * Without URLs it shows itself on the server that every demo has; "/path" is
 * one of that server's, or of the one that --url names.
 */
#include "18_fetchall/fetchall.h"

#include "15_resolve/in_thread.h"
#include "15_resolve/shared_resolver.h"
#include "17_https/https.h"
#include "stage/stage.h"
#include "trace/label.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LIMIT_MOST = 10000 };

static const char *from, *limit = "100", *try_time = "30", *total_time;
static const char *retries = "3", *seed = "1", *output, *ca_file;
static bool json;

static const char *const samples[] = {
    "/delay/1", "/flaky/2", "/bytes/100000", "/status/404", "/delay/1.5",
    "/drop", "/redirect/2", "/delay/60",
};

struct tool {
    struct coro coro;
    struct stage *stage;
    struct session session;
    struct async_cleanup closing;
    struct cleanup closing_threads, closing_file, closing_folder;
    struct session_close session_close;
    struct executor executor;
    struct shared_resolver resolver;
    struct https https;
    struct jitter jitter;
    struct urls urls;
    int64_t began_ns;
    int folder;
    size_t good, failed, cancelled, bytes;
    bool refused; /* before it began: status 2 */
    struct fetchall fetchall;
    struct timeout timeout;
};
ASYNC_DECLARE(tool);

/* --- What is said -------------------------------------------------------- */

/* "[#####.....] 12 of 24, 1 failed", or "12 of 24+" while more may come. */
static void show_progress(struct tool *self)
{
    static const char full[] = "####################";
    static const char none[] = "....................";
    const int width = (int)sizeof full - 1;
    size_t done = self->good + self->failed + self->cancelled;
    size_t known = self->urls.taken + self->urls.bad + self->urls.word_count
                 - self->urls.word;
    int filled = known > 0 ? (int)(done * (size_t)width / known) : 0;
    char line[120];

    snprintf(line, sizeof line, "[%.*s%.*s] %zu of %zu%s, %zu failed, %zu at "
             "work", filled, full, width - filled, none, done, known,
             self->urls.ended ? "" : "+", self->failed,
             self->fetchall.busy);
    stage_progress_line(self->stage, line);
}

static void complain(struct urls *urls, const char *text)
{
    struct tool *self = CONTAINER(urls, struct tool, urls);

    stage_progress_line(self->stage, NULL);
    fprintf(stderr, "%s\n", text);
    self->failed++;
}

static void json_text(const char *name, const char *text)
{
    printf("\"%s\": \"", name);
    label_put(stdout, text, INT_MAX, LABEL_JSON);
    putchar('"');
}

static void say_json(struct tool *self, const struct outcome *outcome)
{
    stage_progress_line(self->stage, NULL);
    printf("{");
    json_text("url", outcome->url->text);
    printf(", \"status\": %d, \"bytes\": %zu, \"tries\": %d, \"seconds\": "
           "%.3f", outcome->status, outcome->bytes, outcome->tries,
           (double)outcome->took_ns / 1e9);
    if (outcome->error->code != 0) {
        printf(", ");
        json_text("error", error_name(outcome->error->code));
        printf(", ");
        json_text("words", outcome->error->text);
    }
    printf("}\n");
    fflush(stdout);
}

static void say_row(struct tool *self, const struct outcome *outcome)
{
    char status[16] = "-";

    if (outcome->status != 0)
        snprintf(status, sizeof status, "%d", outcome->status);
    stage_say(self->stage, "%6s %9zu %5d %7.2f  %s%s%s", status,
              outcome->bytes, outcome->tries, (double)outcome->took_ns / 1e9,
              outcome->url->text, outcome->error->code != 0 ? "  " : "",
              outcome->error->code != 0 ? outcome->error->text : "");
}

static void tell(struct fetchall *all, const struct outcome *outcome)
{
    struct tool *self = CONTAINER(all, struct tool, fetchall);

    if (outcome->error->code == E_CANCELLED)
        self->cancelled++;
    else if (outcome->status >= 200 && outcome->status < 400)
        self->good++;
    else
        self->failed++;
    self->bytes += outcome->bytes;
    if (json)
        say_json(self, outcome);
    else
        say_row(self, outcome);
    show_progress(self);
}

static bool read_to_its_end(const struct urls *urls)
{
    return urls->ended && urls->word == urls->word_count;
}

static void say_sums(struct tool *self)
{
    char cancelled[40] = "";

    if (json)
        return;
    if (self->cancelled > 0)
        snprintf(cancelled, sizeof cancelled, ", %zu cancelled",
                 self->cancelled);
    stage_say(self->stage, "%zu ok, %zu failed%s; %zu bytes in %.2f s, %zu "
              "connection%s%s", self->good, self->failed, cancelled,
              self->bytes, (double)(loop_now(self->stage->loop)
              - self->began_ns) / 1e9, self->session.opened,
              self->session.opened == 1 ? "" : "s",
              read_to_its_end(&self->urls) ? "" : "; the list goes on");
}

/* --- What is set up ------------------------------------------------------ */

/* As many connections as are asked for, and what else we have open; if we may,
 * three times as many, for one over TLS is three fds. */
static bool allow(rlim_t wanted)
{
    struct rlimit rlimit;

    if (getrlimit(RLIMIT_NOFILE, &rlimit) != 0)
        return false;
    if (rlimit.rlim_cur < 3 * wanted + 32)
        rlimit.rlim_cur = rlimit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &rlimit);
    return rlimit.rlim_cur >= wanted + 32;
}

static int open_list(struct tool *self, struct error *error)
{
    struct urls *urls = &self->urls;
    bool shows = from == NULL && self->stage->word_count == 0;

    urls->loop = self->stage->loop;
    urls->words = shows ? samples : self->stage->word;
    urls->word_count = shows ? sizeof samples / sizeof *samples
                             : self->stage->word_count;
    urls->base = self->stage->url;
    urls->complain = complain;
    urls->name = from;
    urls->fd = -1;
    if (from != NULL && strcmp(from, "-") == 0) {
        urls->name = "standard input";
        urls->fd = STDIN_FILENO;
    } else if (from != NULL) {
        urls->fd = open(from, O_RDONLY | O_CLOEXEC);
        if (urls->fd < 0)
            return error_set_errno(error, errno, "--from %s", from);
    }
    return 0;
}

static void close_list(void *arg)
{
    const struct urls *urls = arg;

    if (urls->fd > STDIN_FILENO)
        close(urls->fd);
}

static void close_folder(void *arg)
{
    const int *folder = arg;

    if (*folder >= 0)
        close(*folder);
}

static void open_session(struct tool *self)
{
    struct session_options options = SESSION_DEFAULTS;

    options.limit = self->fetchall.limit;
    shared_resolver_open(&self->resolver, &self->executor);
    options.resolver = &self->resolver.resolver;
    https_open(&self->https, self->stage->loop);
    self->https.ca_file = ca_file;
    options.tls = &self->https.tls;
    session_open(&self->session, self->stage->loop, options);
}

static int64_t time_of(const struct tool *self, const char *text)
{
    return stage_ns(self->stage, strtod(text, NULL));
}

static void prepare(struct tool *self)
{
    struct retry retry = RETRY_DEFAULT(&self->jitter);

    self->began_ns = loop_now(self->stage->loop);
    jitter_open(&self->jitter, strtoul(seed, NULL, 10));
    retry.more = (int)strtol(retries, NULL, 10);
    retry.first_ns = stage_ns(self->stage, .5);
    retry.most_ns = stage_ns(self->stage, 30);
    self->fetchall = (struct fetchall){ CORO(fetchall),
        .session = &self->session, .urls = &self->urls, .tell = tell,
        .limit = strtoul(limit, NULL, 10), .retry = retry,
        .limits = { .total = time_of(self, try_time) } };
}

static int open_all(struct tool *self, struct error *error)
{
    prepare(self);
    if (self->fetchall.limit < 1 || self->fetchall.limit > LIMIT_MOST)
        return error_set(error, E_VALUE, "--limit %s: not 1 to %d", limit,
                         LIMIT_MOST);
    if (!allow(self->fetchall.limit))
        return error_set(error, EMFILE, "--limit %s: more than RLIMIT_NOFILE "
                         "allows", limit);
    return open_list(self, error);
}

static struct coro *within_total(struct tool *self)
{
    if (total_time == NULL)
        return &self->fetchall.coro;
    self->timeout = (struct timeout){ CORO(timeout),
        .delay_ns = time_of(self, total_time),
        .body = &self->fetchall.coro };
    return &self->timeout.coro;
}

ASYNC(tool)
{
    BEGIN;
    self->folder = -1;
    self->refused = true;
    if (open_all(self, &task->error) != 0)
        RERAISE(task->error.code);
    DEFER(&self->closing_file, close_list, &self->urls);
    if (output != NULL && save_folder(output, &self->folder, &task->error))
        RERAISE(task->error.code);
    self->fetchall.folder = self->folder;
    DEFER(&self->closing_folder, close_folder, &self->folder);
    if (executor_open(&self->executor, self->stage->loop, EXECUTOR_LIMIT,
                      &task->error) != 0)
        RERAISE(task->error.code);
    DEFER(&self->closing_threads, executor_close, &self->executor);
    open_session(self);
    DEFER_AWAIT(&self->closing, CALL(session_close,
                                     .session = &self->session));
    self->refused = false;
    if (!json)
        stage_say(self->stage, "status     bytes tries    time  URL");
    CATCH_AWAIT_CORO(within_total(self));
    say_sums(self);
    RERAISE(self->coro.callee->error);
    END;
}

int main(int argc, char **argv)
{
    static struct tool tool = { CORO(tool) };
    const struct option more[] = {
        { "--from", &from, NULL, "FILE", "URLs, one a line; - is standard "
          "input" },
        { "--limit", &limit, NULL, "N", "at once (100)" },
        { "--timeout", &try_time, NULL, "S", "for each try (30)" },
        { "--total", &total_time, NULL, "S", "for all of it" },
        { "--retries", &retries, NULL, "N", "tries after the first (3)" },
        { "--seed", &seed, NULL, "N", "of the pauses between tries (1)" },
        { "--ca", &ca_file, NULL, "FILE", "for https: certificates to trust" },
        { "--output", &output, NULL, "DIR", "keep the bodies there" },
        { "--json", NULL, &json, NULL, "a line of JSON for each URL" },
        { NULL, NULL, NULL, NULL, NULL }
    };
    struct stage stage = { .more = more, .words = "[URL...]",
        .speaks_tls = true,
        .about = "fetches URLs, many at once, and tries again what may "
                 "pass" };
    int status;

    tool.stage = &stage;
    status = stage_run(&stage, argc, argv, &tool.coro);
    if (ferror(stdout) != 0) {
        fprintf(stderr, "%s: not all could be written\n", argv[0]);
        return 1;
    }
    if (status == 1 && tool.refused)
        return 2;
    return status == 0 && tool.failed > 0 ? 1 : status;
}
