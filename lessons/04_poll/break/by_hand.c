/* by_hand.c - one_timeout mended: a deadline for each client, and states.
 *
 *     GREET --(asked for a name)--> NAME --(it came)--> TALK <--> ANSWER
 *
 * Each change of state has three duties now: the state, what to ask poll()
 * for, the deadline. That is twelve lines, far apart in one switch, and one
 * of them is missing. The compiler is content, and whoever tries it in a
 * hurry sees nothing. A turn takes 100 ms of a clock of our own. Lesson 05
 * begins here.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TURN_MS = 100, SILENCE_MS = 300, TURNS = 20 };
enum state { GREET, NAME, TALK, ANSWER };

struct client {
    int fd;
    enum state state;
    short events;
    int deadline_ms, heard_ms;
    char name[16], line[16];
};

static int clock_ms;

static void hear(struct client *client, char *line, size_t size)
{
    ssize_t n = recv(client->fd, line, size - 1, 0);

    line[n > 0 ? n : 0] = '\0';
    client->heard_ms = clock_ms;
}

static void say(struct client *client, const char *words)
{
    (void)!send(client->fd, words, strlen(words), MSG_NOSIGNAL);
}

/* poll() has found the client ready for what we asked. */
static void ready(struct client *client)
{
    switch (client->state) {
    case GREET:
        say(client, "name?\n");
        client->state = NAME;
        client->events = POLLIN;
        client->deadline_ms = clock_ms + SILENCE_MS;
        break;
    case NAME:
        hear(client, client->name, sizeof client->name);
        printf("%d ms: %s gives a name\n", clock_ms, client->name);
        client->state = TALK;
        client->events = POLLIN;
        break;
    case TALK:
        hear(client, client->line, sizeof client->line);
        client->state = ANSWER;
        client->events = POLLOUT;
        client->deadline_ms = clock_ms + SILENCE_MS;
        break;
    case ANSWER:
        say(client, client->line);
        client->state = TALK;
        client->events = POLLIN;
        client->deadline_ms = clock_ms + SILENCE_MS;
        break;
    }
}

/* Ann gives her name, thinks for 200 ms, and says hi. */
static void ann(int fd)
{
    if (clock_ms == 200)
        (void)!send(fd, "Ann", 3, MSG_NOSIGNAL);
    if (clock_ms == 400)
        (void)!send(fd, "hi", 2, MSG_NOSIGNAL);
}

int main(void)
{
    struct client client = { .events = POLLOUT, .deadline_ms = SILENCE_MS };
    int fds[2], dropped = 0;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        return 2;
    client.fd = fds[0];
    for (int turn = 0; turn < TURNS && !dropped; turn++) {
        struct pollfd asked = { client.fd, client.events, 0 };

        ann(fds[1]);
        if (poll(&asked, 1, 0) == 1)
            ready(&client);
        else
            dropped = clock_ms >= client.deadline_ms;
        clock_ms += TURN_MS;
    }
    clock_ms -= TURN_MS;
    if (dropped)
        printf("%d ms: %s is dropped, \"silent for %d ms\"; it was %d\n",
               clock_ms, client.name, SILENCE_MS, clock_ms - client.heard_ms);
    close(fds[0]);
    close(fds[1]);
    return dropped;
}
