/* world.h - the world of a server, as a script.
 *
 *     static const struct scene steps[] = {
 *         connects(SLOW), sends(SLOW, "h"),
 *         connects(QUICK), sends(QUICK, "hi\n"),
 *         hears(QUICK, "HI\n"),              // while SLOW is still silent
 *         closes(QUICK), closes(SLOW),
 *     };
 *
 *     PLAY(&world, steps, serve_poll);
 *
 * The server runs in the test's own process. calls.c stands in for the
 * system calls that can sleep (accept, recv, send, read, write, select,
 * poll): the moment the server would sleep, the next step happens instead,
 * and with it those of the same kind that follow (all connect, then all
 * send, ...).
 * So a test takes no time, has no race, and knows at once when a server
 * waits for something that will never come. A server that does not sleep
 * (lesson 02) gives the others their turn when it has asked everybody twice
 * in vain.
 *
 * The sockets are real ones: what the kernel says is what the kernel says.
 */
#ifndef LAB_WORLD_H
#define LAB_WORLD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

enum { PEERS = 300 };

enum op {
    CONNECTS, SENDS, FLOODS, HEARS, HEARS_NOTHING, DRAINS, HEARS_END, SHUTS,
    CLOSES, RESETS, SENDS_LAST, QUEUES, CALLS
};

struct scene {
    enum op op;
    int peer;
    const char *text;
    size_t bytes;
    void (*call)(void);
};

#define connects(peer) { CONNECTS, (peer), NULL, 0, NULL }
/* All of it, in one send. */
#define sends(peer, text) { SENDS, (peer), (text), 0, NULL }
/* The same, with bytes of 0 in it. */
#define sends_bytes(peer, text) \
    { SENDS, (peer), (text), sizeof(text) - 1, NULL }
/* From here on, as fast as the server takes them. */
#define floods(peer, bytes) { FLOODS, (peer), NULL, (bytes), NULL }
/* Exactly this has come. */
#define hears(peer, text) { HEARS, (peer), (text), 0, NULL }
#define hears_bytes(peer, text) \
    { HEARS, (peer), (text), sizeof(text) - 1, NULL }
#define hears_nothing(peer) { HEARS_NOTHING, (peer), NULL, 0, NULL }
/* Reads until so many bytes of its flood have come back, each in its
 * place. */
#define drains(peer, bytes) { DRAINS, (peer), NULL, (bytes), NULL }
/* The server has closed the connection in good order. */
#define hears_end(peer) { HEARS_END, (peer), NULL, 0, NULL }
/* shutdown(SHUT_WR): says that it has finished sending, after its flood. */
#define shuts(peer) { SHUTS, (peer), NULL, 0, NULL }
#define closes(peer) { CLOSES, (peer), NULL, 0, NULL }
/* Breaks the connection: RST. */
#define resets(peer) { RESETS, (peer), NULL, 0, NULL }
/* Sends it and closes before the server can take a look. */
#define sends_last(peer, text) { SENDS_LAST, (peer), (text), 0, NULL }
/* Connects and sends, one too many: not for this server to accept. */
#define queues(peer, text) { QUEUES, (peer), (text), 0, NULL }
#define calls(function) { CALLS, 0, NULL, 0, (function) }

struct world {
    /* To set before play. */
    size_t send_at_most; /* bytes a send moves; 0: any                    */
    size_t holds;    /* bytes under way to a client who drains; then it is
                        full, whatever the kernel's buffers hold; 0: any  */
    bool interrupts; /* every other call of the server's fails with EINTR */
    int small_bytes; /* the size of the sockets' buffers; 0: the usual    */
    bool eager;      /* the next to send does so while an answer goes out */
    int first_fd;    /* the server's connections get this fd or more      */
    size_t room;     /* for a client's bytes: poll asks for POLLIN while any
                        of it is free; 0: do not look                     */
    int fds_at_most; /* accept says EMFILE with so many open; 0: any      */

    /* What the server did. */
    int waits;     /* calls of select and poll                            */
    int polls;     /* of these: of poll                                   */
    int useless;   /* of these: it was woken and then did nothing         */
    int timeouts;  /* of these: it did not want to sleep, or not for long */
    int spins;     /* how often it asked everybody twice in vain          */
    int naps;      /* calls of nanosleep                                  */
    int in_vain;   /* calls that said EAGAIN                              */
    int sleeps[3]; /* would have slept in accept, recv, send              */
    int trusting;  /* calls of accept that could have slept               */
    char woken_by[256]; /* at the first useless wake-up                   */
};
enum { IN_ACCEPT, IN_RECV, IN_SEND };

typedef int serve_function(int listener, int clients);

/* A world with no wishes. */
void world_open(struct world *world);

/* Runs serve(listener, number of peers that connect) against the steps,
 * which it say()s. Fails the test, with what the server did instead, unless
 * each comes true and the server then returns 0, every socket closed. */
#define PLAY(world, steps, serve)                                         \
    world_play(__FILE__, __LINE__, (world), (steps), COUNT(steps), (serve))
void world_play(const char *file, int line, struct world *world,
                const struct scene *steps, size_t count,
                serve_function *serve);

/* Fails unless the server slept in `where`, "poll" or "select", and nowhere
 * else, without a timeout, and was never woken for nothing. */
void world_check_waits(const struct world *world, const char *where);

/* How much of peer's flood the server's side has taken so far. */
size_t world_taken(int peer);

#endif
