/* watch.c - lab watch: all that can happen goes through one loop.
 *
 *     saves task: stat() every 50 ms --+
 *     keys task: the terminal ---------+--> event --> main looks what it was
 *     judge task: build, run, verdict -+
 *
 * A save while we judge cancels the judge, which takes its child with it;
 * when it has gone, a new one starts. stat() sees what editors do, writing
 * or renaming, on any file system; it costs 20 system calls a second.
 * inotify would cost none, and would see nothing on NFS.
 */
#include "lab/diff.h"
#include "lab/judge.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define LOOK_NS MILLISECONDS(50)

struct lookout;

/* Two tasks that tell the lookout: a file changed, a key came. */
struct saves {
    struct coro coro;
    struct lookout *lookout;
    struct stat seen;
    struct sleep sleep;
};
ASYNC_DECLARE(saves);

struct keys {
    struct coro coro;
    struct lookout *lookout;
    struct wait_fd wait_fd;
    struct sleep sleep;
};
ASYNC_DECLARE(keys);

struct lookout {
    struct coro coro;
    struct lab *lab;
    size_t lesson;
    struct future event; /* done: something of the following is so */
    bool saved, judged, quit;
    char pressed[16];
    size_t presses;

    bool judging, stale; /* stale: cancelled, its verdict is not wanted */
    struct callback when_judged;
    struct judgement judgement;
    struct judge judge;
    struct task judge_task, saves_task, keys_task;
    struct saves saves;
    struct keys keys;
    struct diff diff;
    char key;
};
ASYNC_DECLARE(lookout);

static void poke(struct lookout *lookout)
{
    if (!future_done(&lookout->event))
        future_set_result(&lookout->event);
}

/* --- The file ------------------------------------------------------------ */

/* How the exercise looks now; a file that is not there looks like none. */
static struct stat look(const struct lookout *lookout)
{
    struct stat now;

    if (stat(course_file(lookout->lab, lookout->lesson, "exercise.c").text,
             &now) != 0)
        memset(&now, 0, sizeof now);
    return now;
}

/* Between an editor's two renames there is no file: nothing to check. */
static bool differs(const struct stat *now, const struct stat *seen)
{
    return now->st_ino != 0
        && (now->st_ino != seen->st_ino || now->st_size != seen->st_size
            || now->st_mtim.tv_sec != seen->st_mtim.tv_sec
            || now->st_mtim.tv_nsec != seen->st_mtim.tv_nsec);
}

ASYNC(saves)
{
    struct stat now;

    BEGIN;
    for (;;) {
        AWAIT(sleep, .delay_ns = LOOK_NS);
        now = look(self->lookout);
        if (!differs(&now, &self->seen))
            continue;
        self->seen = now;
        self->lookout->saved = true;
        poke(self->lookout);
    }
    END;
}

/* --- The keys ------------------------------------------------------------ */

/* False at the end of input. Without a terminal that is no wish to quit: an
 * editor's task runner has no keys to give. */
static bool read_keys(struct lookout *lookout)
{
    ssize_t n = read(STDIN_FILENO, lookout->pressed + lookout->presses,
                     sizeof lookout->pressed - lookout->presses);

    if (n > 0)
        lookout->presses += (size_t)n;
    else if (isatty(STDIN_FILENO))
        lookout->quit = true;
    return n > 0;
}

ASYNC(keys)
{
    BEGIN;
    for (;;) {
        TRY_AWAIT(wait_fd, .fd = STDIN_FILENO, .events = POLLIN);
        if (self->wait_fd.coro.error != 0 || !read_keys(self->lookout))
            break;
        poke(self->lookout);
        while (self->lookout->presses == sizeof self->lookout->pressed)
            AWAIT(sleep, .delay_ns = LOOK_NS); /* main will empty it */
    }
    poke(self->lookout);
    END;
}

/* Keys come one by one and unseen; Ctrl-C stays a signal. */
static bool keys_open(struct termios *before)
{
    struct termios raw;

    if (tcgetattr(STDIN_FILENO, before) != 0)
        return false;
    raw = *before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    return tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

/* --- Checking ------------------------------------------------------------ */

static void judged(struct callback *callback)
{
    struct lookout *lookout = CONTAINER(callback, struct lookout,
                                        when_judged);

    future_look(&lookout->judge_task.future);
    lookout->judging = false;
    lookout->judged = true;
    poke(lookout);
}

static void start(struct lookout *self, struct loop *loop)
{
    struct lab *lab = self->lab;

    self->saved = self->judged = self->stale = false;
    self->saves.seen = look(self);
    judgement_free(&self->judgement);
    status_clear(lab);
    putchar('\n');
    if (!lab->screen)
        printf("checking %s ...\n", lab->lessons[self->lesson].title);
    status(lab, "checking %s ...", lab->lessons[self->lesson].title);
    fflush(stdout);
    self->judge = (struct judge){ CORO(judge), .lab = lab,
                                  .lesson = self->lesson,
                                  .judgement = &self->judgement };
    self->judging = true;
    task_create(loop, &self->judge_task, "judge", &self->judge.coro);
    self->when_judged.run = judged;
    future_add_callback(&self->judge_task.future, &self->when_judged);
}

static void show_keys(struct lookout *self)
{
    ink(self->lab, DIM, "n next  h hint  d diff  l list  q quit");
    putchar('\n');
    fflush(stdout);
}

static void show_verdict(struct lookout *self)
{
    int code = future_outcome(&self->judge_task.future);

    status_clear(self->lab);
    if (code != 0) {
        printf("%s\n", self->judge_task.error.text);
    } else {
        judgement_enter(self->lab, self->lesson, &self->judgement);
        judgement_show(self->lab, self->lesson, &self->judgement);
    }
    show_keys(self);
}

/* Now, or when the one at work has gone. */
static void check_again(struct lookout *self, struct loop *loop)
{
    self->saved = false;
    if (!self->judging) {
        start(self, loop);
    } else if (!self->stale) {
        self->stale = true;
        task_cancel(&self->judge_task);
    }
}

static void next_lesson(struct lookout *self, struct loop *loop)
{
    if (self->lesson + 1 == self->lab->count) {
        printf("%s is the last lesson\n",
               self->lab->lessons[self->lesson].title);
        return;
    }
    self->lesson++;
    progress_load(self->lab);
    self->lab->chosen = (int)self->lesson;
    progress_save(self->lab);
    check_again(self, loop);
}

/* --- What happened ------------------------------------------------------- */

static char take_key(struct lookout *self)
{
    char key = self->pressed[0];

    self->presses--;
    memmove(self->pressed, self->pressed + 1, self->presses);
    return key;
}

static void press(struct lookout *self, struct loop *loop, char key)
{
    status_clear(self->lab);
    if (key == 'n')
        next_lesson(self, loop);
    else if (key == 'h')
        hint_show(self->lab, self->lesson);
    else if (key == 'l')
        list_show(self->lab);
    else if (key == 'q' || key == 4) /* Ctrl-D */
        self->quit = true;
    else if (key != 'd')
        show_keys(self);
    fflush(stdout);
}

static bool idle(const struct lookout *self)
{
    return !self->saved && !self->judged && self->presses == 0
        && !self->quit;
}

ASYNC(lookout)
{
    BEGIN;
    future_init(&self->event, task_loop(task), FUTURE_PLAIN);
    start(self, task_loop(task));
    self->saves = (struct saves){ CORO(saves), .lookout = self,
                                  .seen = self->saves.seen };
    task_create(task_loop(task), &self->saves_task, "saves",
                &self->saves.coro);
    self->keys = (struct keys){ CORO(keys), .lookout = self };
    task_create(task_loop(task), &self->keys_task, "keys", &self->keys.coro);
    while (!self->quit) {
        if (idle(self))
            AWAIT_FUTURE(&self->event);
        future_init(&self->event, task_loop(task), FUTURE_PLAIN);
        if (self->judged && self->stale)
            start(self, task_loop(task));
        else if (self->judged)
            show_verdict(self);
        self->judged = false;
        if (self->saved)
            check_again(self, task_loop(task));
        self->key = self->presses > 0 ? take_key(self) : 0;
        if (self->key != 0)
            press(self, task_loop(task), self->key);
        if (self->key == 'd') {
            AWAIT(diff, .lab = self->lab, .lesson = self->lesson);
            text_free(&self->diff.output);
            fflush(stdout);
        }
    }
    END;
}

int command_watch(struct lab *lab, int argc, char **argv)
{
    struct lookout lookout = { CORO(lookout), .lab = lab,
                               .lesson = lab_lesson(lab, argc, argv, NULL) };
    struct termios before;
    bool raw;
    int status;

    raw = keys_open(&before);
    status = lab_run(&lookout.coro);
    if (raw)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    status_clear(lab);
    judgement_free(&lookout.judgement);
    text_free(&lookout.diff.output);
    return status;
}
