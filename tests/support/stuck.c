/* stuck.c - see words.h. Code that comes to no end: who is stuck, where, and
 * what would get it going.
 *
 *     goes round    one step that never returns to the loop
 *     comes again   a task or a callback, and time stands still
 *     calls itself  until the stack is full
 *     is parked     on what nobody completes
 */
#include "words.h"

#include <stdio.h>
#include <string.h>

enum { DEEP = 12, NAMES = 4, SEVERAL = 4 };

/* --- It calls itself ----------------------------------------------------- */

static void cut_end(char *name, const char *end)
{
    size_t length = strlen(name), n = strlen(end);

    if (length > n && strcmp(name + length - n, end) == 0)
        name[length - n] = '\0';
}

/* "x.c:41 in child_done": the function; a coroutine's body, and what calls
 * it, are named after it. */
static void function_of(const char *place, char name[static 128])
{
    const char *at = strstr(place, " in ");

    snprintf(name, 128, "%s", at != NULL ? at + 4 : "");
    cut_end(name, "_body");
    cut_end(name, "_run");
}

static const char *after_line(const char *text)
{
    text += strcspn(text, "\n");
    return *text == '\n' ? text + 1 : text;
}

/* Who is in a stack how often; `place` is of the topmost call. */
struct called {
    char name[128], place[REPORT_LINE];
    int times;
};

static void count_call(struct called *called, const char *place)
{
    char name[128];

    function_of(place, name);
    for (int i = 0; i < NAMES; i++, called++) {
        if (called->times == 0) {
            snprintf(called->name, sizeof called->name, "%s", name);
            snprintf(called->place, sizeof called->place, "%s", place);
        }
        if (strcmp(called->name, name) == 0) {
            called->times++;
            return;
        }
    }
}

/* Among the learner's uppermost frames: one that is there once has been
 * called at last, and is not to blame. */
bool stuck_in_recursion(const char *text, char place[static REPORT_LINE],
                        char how[static REPORT_LINE])
{
    struct called called[NAMES] = { { .times = 0 } };
    const struct called *again[2] = { NULL, NULL };
    char line[REPORT_LINE], frame[REPORT_LINE];
    int frames = 0, n = 0;

    for (; *text != '\0' && frames < DEEP; text = after_line(text)) {
        snprintf(line, sizeof line, "%.*s", (int)strcspn(text, "\n"), text);
        if (!words_of_frame(line, frame))
            continue;
        count_call(called, frame);
        frames++;
    }
    for (int i = 0; i < NAMES && n < 2; i++)
        if (called[i].times >= SEVERAL)
            again[n++] = &called[i];
    if (n == 0)
        return false;
    snprintf(place, REPORT_LINE, "%s", again[0]->place);
    if (n == 1)
        snprintf(how, REPORT_LINE, "%s calls itself", again[0]->name);
    else
        snprintf(how, REPORT_LINE, "%s and %s call each other",
                 again[0]->name, again[1]->name);
    return true;
}

/* --- It is parked -------------------------------------------------------- */

/* A line of a dump: "        wait (lessons/13_wait/exercise.c:92)", and no
 * file of the lab's. The shape of a frame, so that words.c knows whose. */
static bool read_parked(const char *line, char place[static REPORT_LINE])
{
    char name[128], file[300], frame[REPORT_LINE];
    int number;

    if (sscanf(line, " %127s (%299[^:)\n]:%d)", name, file, &number) != 3)
        return false;
    snprintf(frame, sizeof frame, " #0 0x0 in %s %s%s:%d", name,
             file[0] == '/' ? "" : "/", file, number);
    if (!words_of_frame(frame, place))
        return false;
    snprintf(place, REPORT_LINE, "%s:%d in %s", file, number, name);
    return true;
}

bool words_of_parked(const char *dump, char place[static REPORT_LINE],
                     char who[static REPORT_LINE])
{
    char task[REPORT_LINE] = "";
    bool found = false;

    for (; *dump != '\0'; dump = after_line(dump)) {
        if (strncmp(dump, "  task ", 7) == 0) {
            if (found)
                break;
            snprintf(task, sizeof task, "%.*s",
                     (int)strcspn(dump + 7, "\n"), dump + 7);
        }
        found = read_parked(dump, place) || found; /* the innermost */
    }
    snprintf(who, REPORT_LINE, "%s", task);
    return found;
}

/* --- What to do ---------------------------------------------------------- */

/* "lessons/13_wait/exercise.c:92 in wait" -> "exercise.c:92". */
static void short_place(const char *place, char text[static 128])
{
    const char *end = strstr(place, " in "), *from = place;

    for (const char *at = place; end != NULL && at < end; at++)
        if (*at == '/')
            from = at + 1;
    snprintf(text, 128, "%.*s", (int)(end != NULL ? end - from : 0), from);
}

static void of_round(const struct report *report, const char *name,
                     const char *at, char words[static REPORT_LINE])
{
    if (report->task[0] == '\0')
        snprintf(words, REPORT_LINE, "%s goes round at %s and does not "
                 "return to the loop, so that nothing else happens, and what "
                 "it asks for cannot change: do what can be done now, and "
                 "return; the loop calls again", name, at);
    else
        snprintf(words, REPORT_LINE, "%s goes round at %s without an await. "
                 "While task %s runs, no timer fires and nobody else moves: "
                 "what it asks for cannot come. Await it (AWAIT, AWAIT_FUTURE) "
                 "instead of asking again", name, at, report->task);
}

static bool of_rush(const struct report *report,
                    char words[static REPORT_LINE])
{
    char place[REPORT_LINE], who[REPORT_LINE], name[128], at[128];

    snprintf(place, sizeof place, "%s", report->place);
    if (report->task[0] != '\0' && !words_of_parked(report->dump, place, who))
        return false;
    function_of(place, name);
    short_place(place, at);
    if (name[0] == '\0')
        return false;
    if (report->task[0] == '\0')
        snprintf(words, REPORT_LINE, "%s (%s) is queued anew each time it "
                 "has been called, or its timer is started with no time: a "
                 "callback is called once each time it is added. Add it "
                 "once, to what will happen later", name, at);
    else
        snprintf(words, REPORT_LINE, "%s asks again and again at %s. It "
                 "lets others run, but time stands still while anybody is "
                 "ready: await what it waits for", name, at);
    return true;
}

static bool of_parked(const struct report *report,
                      char words[static REPORT_LINE])
{
    char place[REPORT_LINE], who[REPORT_LINE], name[128], at[128];

    if (!words_of_parked(report->dump, place, who))
        return false;
    function_of(place, name);
    short_place(place, at);
    if (strstr(who, "waits for fd") != NULL)
        snprintf(words, REPORT_LINE, "%.40s: %s is parked at %s, and nobody "
                 "will write there. Has all been sent that the other side "
                 "waits for, and is it the right socket?", who, name, at);
    else if (strstr(who, "waits for task") != NULL)
        snprintf(words, REPORT_LINE, "%.40s: %s is parked at %s, and that "
                 "task comes to no end itself", who, name, at);
    else
        snprintf(words, REPORT_LINE, "%s awaits at %s what nobody "
                 "completes. Who should call future_set_result on it, and "
                 "from which callback? Is that callback added, and does it "
                 "come so far?", name, at);
    return true;
}

static void of_recursion(const char *name, const char *at,
                         char words[static REPORT_LINE])
{
    snprintf(words, REPORT_LINE, "nothing ends the calls of %s (%s). What "
             "should happen once needs no second call; what should happen "
             "later is for the loop to call: an await, a callback, a timer",
             name, at);
}

bool stuck_words(const struct report *report,
                 char words[static REPORT_LINE])
{
    char name[128], at[128];

    function_of(report->place, name);
    short_place(report->place, at);
    if (strstr(report->yours, "call each other") != NULL
        || strstr(report->yours, "calls itself") != NULL) {
        of_recursion(name, at, words);
        return true;
    }
    if (report->deadlock && of_parked(report, words))
        return true;
    if (report->end == END_RUSH && of_rush(report, words))
        return true;
    if ((report->end == END_SPIN || report->end == END_FLOOD)
        && name[0] != '\0') {
        of_round(report, name, at, words);
        return true;
    }
    if (report->end == END_DEAF && name[0] != '\0') {
        snprintf(words, REPORT_LINE, "%s (%s) is called because there is "
                 "something to read, and leaves it there: read all of it, "
                 "until EAGAIN, or nobody can sleep", name, at);
        return true;
    }
    snprintf(words, REPORT_LINE, "%s", report->deadlock
             ? "somebody awaits what nobody will complete: a callback not "
             "added, a future not set, a wake-up lost"
             : "the code asks again and again instead of waiting: await "
             "something that is not ready yet");
    return report->deadlock || report->end == END_SPIN
        || report->end == END_RUSH || report->end == END_DEAF
        || report->end == END_FLOOD;
}
