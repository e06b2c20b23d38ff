/* watchdog.c - see watchdog.h. How often it looks, and what it takes for a
 * hang, are CPU time and counts: a busy machine makes nobody hang. Only
 * "blocked" counts looks, and then the kernel says that it sleeps.
 *
 * A test that is not the next to be told, and gets nowhere, is held: what it
 * would burn until the bark is missing to the one that is. */
#include "watchdog.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 20, BLOCKED_LOOKS = 18 };
static const double spin_seconds = 0.25, hold_seconds = 0.02;

static struct {
    pthread_t thread, watched;
    pthread_mutex_t lock;
    struct report *report;
    void (*bark)(enum end end);
    int state; /* the watched thread's stat, open all the time: an fd that
                  comes and goes would disturb a test's census */
    unsigned looks_left;
    volatile bool over, held;
    volatile enum end end;
} dog = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* In the watched thread. */
static void wake(int number)
{
    const struct timespec nap = { 0, 2 * 1000000L };

    (void)number;
    while (dog.held && !dog.report->on_turn)
        nanosleep(&nap, NULL);
    dog.held = false;
    if (dog.end != END_NONE)
        dog.bark(dog.end);
}

static double cpu_seconds(void)
{
    struct timespec time = { 0, 0 };
    clockid_t clock;

    if (pthread_getcpuclockid(dog.watched, &clock) == 0)
        clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Linux: the main thread's state; elsewhere nobody can tell, and it is the
 * clock that ends it. */
static void open_state(void)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)getpid());
    dog.state = open(path, O_RDONLY | O_CLOEXEC);
}

static bool asleep(void)
{
    char line[512];
    const char *state;
    ssize_t n = pread(dog.state, line, sizeof line - 1, 0);

    if (n <= 0)
        return false;
    line[n] = '\0';
    state = strrchr(line, ')'); /* a program's name may hold any */
    return state != NULL && state[1] == ' ' && state[2] == 'S';
}

/* What a look sees; END_NONE: nothing to bark at. */
static enum end look(unsigned *progress, double *since, int *still)
{
    const struct report *report = dog.report;

    if (report->progress != *progress || report->in_poll || dog.held) {
        *progress = report->progress;
        *since = cpu_seconds();
        *still = 0;
        return END_NONE;
    }
    /* Many short sleeps are one, too. */
    *still += asleep() ? 1 : *still > 0 ? -1 : 0;
    if (*still >= BLOCKED_LOOKS)
        return END_BLOCKED;
    if (cpu_seconds() - *since > spin_seconds)
        return END_SPIN;
    dog.held = cpu_seconds() - *since > hold_seconds && !report->on_turn;
    return END_NONE;
}

static void *watch(void *unused)
{
    const struct timespec nap = { 0, LOOK_MS * 1000000L };
    unsigned progress = dog.report->progress;
    double since = cpu_seconds();
    int still = 0;

    (void)unused;
    while (!dog.over && dog.end == END_NONE) {
        nanosleep(&nap, NULL);
        pthread_mutex_lock(&dog.lock);
        if (!dog.over) {
            dog.end = look(&progress, &since, &still);
            dog.looks_left -= !dog.held;
            if (dog.looks_left == 0)
                dog.end = END_SLOW;
            if (dog.end != END_NONE || dog.held)
                pthread_kill(dog.watched, SIGALRM);
        }
        pthread_mutex_unlock(&dog.lock);
    }
    return NULL;
}

void watchdog_start(struct report *report, unsigned seconds,
                    void (*on_bark)(enum end end))
{
    struct sigaction action = { .sa_handler = wake,
                                .sa_flags = SA_RESTART };
    sigset_t all, before;

    dog.report = report;
    dog.bark = on_bark;
    dog.watched = pthread_self();
    open_state();
    dog.looks_left = seconds * 1000 / LOOK_MS;
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    /* The test's signals are for the test's thread. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&dog.thread, NULL, watch, NULL) != 0)
        dog.over = true;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Not joined: the process ends soon, and a join costs up to a nap. */
void watchdog_stop(void)
{
    pthread_mutex_lock(&dog.lock);
    if (!dog.over)
        pthread_detach(dog.thread);
    dog.over = true;
    pthread_mutex_unlock(&dog.lock);
}
