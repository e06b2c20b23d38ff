/* stage.h - what every demo has around it: options, a loop, an origin, a
 * clock on each line if asked, and a picture of the run at the end.
 *
 *     int main(int argc, char **argv)
 *     {
 *         struct stage stage = { .about = "one GET, its status" };
 *         struct show show = { CORO(show), .stage = &stage };
 *         return stage_run(&stage, argc, argv, &show.coro);
 *     }
 */
#ifndef LAB_STAGE_H
#define LAB_STAGE_H

#include "stage/options.h"
#include "stage/origin.h"
#include "stage/step.h"
#include "trace/trace.h"

enum { STAGE_URL = 240 }; /* bytes of --url, with its end */

struct stage {
    const char *about;  /* the demo's one sentence, for --help   */
    bool no_origin;     /* it needs none: no --url, no server    */
    bool speaks_tls;    /* --url may be https                    */
    const char *parts;  /* "one, two or three", for --only       */
    const struct option *more; /* options of its own, or NULL    */
    const char *words;  /* "[URL...]" for --help: it takes words, too */

    /* For the demo, after stage_run has begun. */
    struct loop *loop;
    const char *url;    /* --url, or the origin's                */
    bool quiet;
    const char *const *word; /* what came beside the options          */
    size_t word_count;

    /* Private. */
    struct loop storage;
    struct origin origin;
    struct trace trace;
    struct loop_hook hook;
    char url_text[64];
    const char *given_url, *speed, *poller, *svg, *json, *only;
    FILE *svg_file, *json_file;
    const char *part;   /* the last one announced                */
    bool timeline, stamps, step;
    struct stepper stepper;
    double factor;      /* --speed; 0: virtual time              */
    int64_t began_ns, progress_ns;
};

/* Parses the options, opens the loop, starts the origin, runs `show` as
 * asyncio.run does, and draws what was asked for. The exit status: 0; 1
 * with one line if show failed; 2 for wrong options; 130 after Ctrl-C. */
int stage_run(struct stage *stage, int argc, char **argv, struct coro *show);

/* One line of the demo's output; with --stamps after the time in ms. */
void stage_say(struct stage *stage, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* True if this part is to run now: --only names it or nobody, and then, as
 * others run too, its name is said first. */
bool stage_part(struct stage *stage, const char *part);

/* True if --only names this part: one that runs on request alone. */
bool stage_only(const struct stage *stage, const char *part);

/* `seconds` at the speed asked for, in ns. */
int64_t stage_ns(const struct stage *stage, double seconds);

/* "12 of 1000" on a terminal, at most ten times a second, and gone at the
 * end; nothing elsewhere. */
void stage_progress(struct stage *stage, size_t done, size_t total);

/* The same with words of the demo's own; NULL: be gone. */
void stage_progress_line(struct stage *stage, const char *line);

/* async_timed: runs body, and says when it begins and how long it took,
 * whatever comes of it (the error goes on). */
struct async_timed {
    struct coro coro;
    struct stage *stage;
    const char *name, *arguments; /* of what is timed; arguments: "" or "x" */
    struct coro *body;
    int64_t began_ns;
};
ASYNC_DECLARE(async_timed);

/* What Python would call the error: "TimeoutError", "AssertionError". */
const char *stage_python_name(int code);

#endif
