/* trace.c - any sequence of events is drawn: text of 76 columns, XML of
 * 60 KB, JSON whose slices nest; and twice the same.
 *
 * The input: a byte of flags, eight names of eight bytes, and three bytes an
 * event: its kind and task, what it is about, how far the clock moves. */
#include "fuzz.h"

#include "checkers.h"
#include "trace/trace.h"

#include <string.h>

enum { TASKS = 8, NAME = 8, SVG_BYTES = 60 * 1024 };

static struct world {
    struct loop loop;
    struct trace trace;
    struct task tasks[TASKS];
    char names[TASKS][NAME + 1];
    bool created[TASKS];
    struct future timer, plain;
    struct watch watch;
} world;

static const struct future *about(unsigned byte)
{
    switch (byte % 5) {
    case 0: return NULL;
    case 1: return &world.timer;
    case 2: return &world.plain;
    case 3: return &world.watch.ready;
    default: return &world.tasks[byte / 5 % TASKS].future;
    }
}

/* A task is created, and from its end on has no events until it is created
 * again; a clock does not step back. All else may come in any order. */
static void tell(const uint8_t *data)
{
    unsigned number = data[0] / 16u % TASKS;
    struct loop_event event = { .kind = data[0] % 16u % (EVENT_FD + 1u) };
    int64_t step = (int64_t)((uint64_t)(data[2] / 64u) << data[2] % 64u);

    if (event.kind <= EVENT_CANCEL) {
        event.task = &world.tasks[number];
        if (!world.created[number])
            event.kind = EVENT_TASK_CREATED;
        else if (event.kind == EVENT_TASK_CREATED)
            event.kind = EVENT_STEP;
        world.created[number] = event.kind != EVENT_TASK_DONE;
    }
    event.on = about(data[1]);
    event.fd = data[1];
    event.code = data[1] < 128 ? data[1] : E_CANCELLED + data[1] - 128;
    world.watch.fd = data[1];
    world.loop.now_ns = step < 0 || step > INT64_MAX - world.loop.now_ns
        ? INT64_MAX : world.loop.now_ns + step;
    event.time_ns = world.loop.now_ns;
    world.trace.hook.tell(&world.trace.hook, &world.loop, &event);
}

enum form { TEXT, UTF8, SVG, JSON };

static char *draw(enum form form)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int code;

    PROMISE(out != NULL);
    if (form == SVG)
        code = trace_svg(&world.trace, out, world.names[0], world.names[1],
                         world.names[2]);
    else
        code = form == JSON ? trace_json(&world.trace, out)
            : trace_text(&world.trace, out, form == UTF8);
    PROMISE(code == 0);
    fclose(out);
    PROMISE(strlen(text) == size);
    return text;
}

/* Characters of the longest line. */
static size_t width(const char *text)
{
    size_t widest = 0, n = 0;

    for (; *text != '\0'; text++) {
        n = *text == '\n' ? 0 : n + (((unsigned char)*text & 0xc0) != 0x80);
        widest = n > widest ? n : widest;
    }
    return widest;
}

/* `twice`: the one of the four that is drawn again. */
static void check_pictures(int twice)
{
    for (int form = TEXT; form <= JSON; form++) {
        char *text = draw((enum form)form);
        char *again = draw((enum form)(form == twice ? form : TEXT));

        PROMISE(form != twice || strcmp(text, again) == 0);
        PROMISE(check_utf8(text) == NULL);
        PROMISE(form > UTF8 || width(text) <= 76);
        PROMISE(form != SVG || (strlen(text) <= SVG_BYTES
                                && check_xml(text) == NULL));
        PROMISE(form != JSON || (check_json(text) == NULL
                                 && check_nesting(text) == NULL));
        free(again);
        free(text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const size_t head = 1 + TASKS * NAME;
    struct loop_options options = { .poller = "poll", .virtual_time = true };
    struct error error;

    if (size < head)
        return 0;
    memset(&world, 0, sizeof world);
    options.virtual_time = data[0] & 1;
    PROMISE(loop_open(&world.loop, &options, &error) == 0);
    future_init(&world.timer, &world.loop, FUTURE_TIMER);
    future_init(&world.plain, &world.loop, FUTURE_PLAIN);
    future_init(&world.watch.ready, &world.loop, FUTURE_FD);
    for (size_t i = 0; i < TASKS; i++) {
        future_init(&world.tasks[i].future, &world.loop, FUTURE_TASK);
        memcpy(world.names[i], data + 1 + i * NAME, NAME);
        world.tasks[i].name = world.names[i];
    }
    PROMISE(trace_open(&world.trace, &world.loop) == 0);
    if (!options.virtual_time)
        world.loop.now_ns = world.trace.now.ns;
    for (size_t at = head; at + 3 <= size; at += 3)
        tell(data + at);
    check_pictures(data[0] / 2 % 4);
    trace_close(&world.trace);
    loop_close(&world.loop);
    return 0;
}
