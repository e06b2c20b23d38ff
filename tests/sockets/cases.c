/* cases.c - see cases.h. Each says which mistake it is there to catch. */
#include "cases.h"

#include "check.h"

/* In a world with no wishes. */
#define PLAY_PLAIN(steps, serve)                                          \
    PLAY_COUNTED((steps), COUNT(steps), (serve))
#define PLAY_COUNTED(steps, n, serve) do { struct world world_;           \
    world_open(&world_);                                                  \
    world_play(__FILE__, __LINE__, &world_, (steps), (n), (serve));       \
    } while (0)

/* Catches: no answer, bytes not in upper case, a socket left open. */
void case_line_in_upper_case(serve_function *serve)
{
    static const struct scene steps[] = {
        connects(0), sends(0, "hello, 2 worlds!\n"),
        hears(0, "HELLO, 2 WORLDS!\n"), sends(0, "again\n"),
        hears(0, "AGAIN\n"), closes(0),
    };

    scene("one client, two lines");
    PLAY_PLAIN(steps, serve);
}

/* Catches: a server that takes one recv for one line. */
void case_one_byte_at_a_time(serve_function *serve)
{
    static const struct scene steps[] = {
        connects(0), sends(0, "h"), hears(0, "H"), sends(0, "i"),
        hears(0, "I"), sends(0, "\n"), hears(0, "\n"), closes(0),
    };

    scene("one client, one byte at a time");
    PLAY_PLAIN(steps, serve);
}

/* Catches: strlen, which finds fewer bytes than have come. */
void case_byte_of_0(serve_function *serve)
{
    static const struct scene steps[] = {
        connects(0), sends_bytes(0, "a\0b\n"), hears_bytes(0, "A\0B\n"),
        closes(0),
    };

    scene("one client, whose line has a byte of 0 in it");
    PLAY_PLAIN(steps, serve);
}

/* Catches: returning, or never returning, after the first. */
void case_one_after_the_other(serve_function *serve)
{
    static const struct scene steps[] = {
        connects(0), sends(0, "one\n"), hears(0, "ONE\n"), closes(0),
        connects(1), sends(1, "two\n"), hears(1, "TWO\n"), closes(1),
        connects(2), closes(2),
    };

    scene("three clients, one after the other");
    PLAY_PLAIN(steps, serve);
}

/* Catches: closing at the end of input with answers unsent. */
void case_half_close(serve_function *serve)
{
    static const struct scene steps[] = {
        connects(0), sends(0, "one\ntwo\n"), shuts(0),
        hears(0, "ONE\nTWO\n"), hears_end(0), closes(0),
    };

    scene("one client, which finishes sending and waits for its answers");
    PLAY_PLAIN(steps, serve);
}

/* Catches: taking a send's short count for all of it. */
void case_short_send(serve_function *serve)
{
    static const struct scene steps[] = {
        connects(0), sends(0, "one byte at a time\n"), shuts(0),
        hears(0, "ONE BYTE AT A TIME\n"), hears_end(0), closes(0),
    };
    struct world world;

    scene("each send takes one byte and no more");
    world_open(&world);
    world.send_at_most = 1;
    PLAY(&world, steps, serve);
}

/* Catches: taking EINTR for an error of the connection or listener. */
void case_interrupted(serve_function *serve)
{
    static const struct scene steps[] = {
        connects(0), sends(0, "one\n"), hears(0, "ONE\n"),
        sends(0, "two\n"), hears(0, "TWO\n"), closes(0),
    };
    struct world world;

    scene("a signal comes by at every other call: EINTR");
    world_open(&world);
    world.interrupts = true;
    PLAY(&world, steps, serve);
}

/* Catches: a broken connection that ends the server. */
void case_reset(serve_function *serve)
{
    static const struct scene steps[] = {
        connects(0), sends(0, "one\n"), hears(0, "ONE\n"), resets(0),
        connects(1), sends(1, "two\n"), hears(1, "TWO\n"), closes(1),
    };

    scene("client 0 breaks its connection (RST)");
    PLAY_PLAIN(steps, serve);
}

/* Catches: SIGPIPE. The first answer meets a closed socket and brings an
 * RST, the second one is sent into a broken connection. */
void case_gone_before_its_answer(serve_function *serve)
{
    static const struct scene steps[] = {
        connects(0), sends_last(0, "one\ntwo\n"),
        connects(1), sends(1, "three\n"), hears(1, "THREE\n"), closes(1),
    };
    struct world world;

    scene("client 0 is gone when its answer comes; send takes one byte");
    world_open(&world);
    world.send_at_most = 1;
    PLAY(&world, steps, serve);
}

/* Catches: bytes lost, doubled or out of order when a send is cut short by
 * a full socket buffer. */
void case_flood(serve_function *serve, struct world *world)
{
    static const struct scene steps[] = {
        connects(0), floods(0, 1 << 18), drains(0, 1 << 18),
        sends(0, "!"), shuts(0), hears(0, "!"), hears_end(0), closes(0),
    };

    scene("256 KB through socket buffers of 4");
    world_open(world);
    world->small_bytes = 4096;
    PLAY(world, steps, serve);
}

/* Catches: one client's silence that is everybody's. */
void case_quick_while_slow(serve_function *serve, struct world *world)
{
    static const struct scene steps[] = {
        connects(SLOW), sends(SLOW, "h"), hears(SLOW, "H"),
        connects(QUICK), sends(QUICK, "one\n"), hears(QUICK, "ONE\n"),
        connects(THIRD), sends(THIRD, "two\n"), hears(THIRD, "TWO\n"),
        closes(QUICK), sends(SLOW, "ello\n"), hears(SLOW, "ELLO\n"),
        sends(THIRD, "three\n"), hears(THIRD, "THREE\n"),
        closes(THIRD), closes(SLOW),
    };

    scene("client 0 is slow, clients 1 and 2 are quick");
    PLAY(world, steps, serve);
}

/* Catches: accepting more than `clients`, or waking for the listener when
 * nobody is to be accepted. */
void case_one_too_many(serve_function *serve)
{
    static const struct scene steps[] = {
        connects(0), queues(1, "me too\n"), sends(0, "one\n"),
        hears(0, "ONE\n"), hears_nothing(1), closes(0), closes(1),
    };
    struct world world;

    scene("the server is to serve one client, and two come");
    world_open(&world);
    PLAY(&world, steps, serve);
    promise("the server does not wake up for clients that it cannot accept");
    CHECK_INT(0, world.useless);
}

/* Catches: returning -1, or dropping who is connected, when accept fails;
 * never accepting again; waking for the listener all the time meanwhile. */
void case_no_fds_left(serve_function *serve, struct world *world)
{
    static const struct scene steps[] = {
        connects(0), sends(0, "one\n"), hears(0, "ONE\n"),
        connects(1), sends(1, "two\n"), hears_nothing(1),
        sends(0, "three\n"), hears(0, "THREE\n"), closes(0),
        hears(1, "TWO\n"), closes(1),
    };

    scene("while client 0 is connected no fd is left: EMFILE");
    world_open(world);
    world->fds_at_most = 1;
    PLAY(world, steps, serve);
}

/* Catches: a table too small, a slot lost when one leaves, an fd forgotten.
 * The even ones leave first, so that the rest must stay in place. */
void case_two_hundred(serve_function *serve)
{
    enum { N = 200 };
    static struct scene steps[5 * N];
    size_t n = 0;

    scene("200 clients at the same time");
    for (int i = 0; i < N; i++)
        steps[n++] = (struct scene)connects(i);
    for (int i = N - 1; i >= 0; i--)
        steps[n++] = (struct scene)sends(i, "hi\n");
    for (int i = 0; i < N; i++)
        steps[n++] = (struct scene)hears(i, "HI\n");
    for (int i = 0; i < N; i += 2)
        steps[n++] = (struct scene)closes(i);
    for (int i = 1; i < N; i += 2)
        steps[n++] = (struct scene)sends(i, "again\n");
    for (int i = 1; i < N; i += 2)
        steps[n++] = (struct scene)hears(i, "AGAIN\n");
    for (int i = 1; i < N; i += 2)
        steps[n++] = (struct scene)closes(i);
    PLAY_PLAIN(steps, serve);
}

/* Catches: a table written over its end, or one that loses who has to wait
 * in the queue until another leaves. */
void case_full_table(serve_function *serve, int room)
{
    static struct scene steps[2 * PEERS + 5];
    size_t n = 0;

    scene("%d clients, and room for %d", room + 1, room);
    CHECK(room < PEERS);
    for (int i = 0; i <= room; i++)
        steps[n++] = (struct scene)connects(i);
    steps[n++] = (struct scene)sends(room, "me too\n");
    steps[n++] = (struct scene)sends(0, "hi\n");
    steps[n++] = (struct scene)hears(0, "HI\n");
    steps[n++] = (struct scene)hears_nothing(room);
    for (int i = 0; i < room; i++)
        steps[n++] = (struct scene)closes(i);
    steps[n++] = (struct scene)hears(room, "ME TOO\n");
    steps[n++] = (struct scene)closes(room);
    PLAY_COUNTED(steps, n, serve);
}
