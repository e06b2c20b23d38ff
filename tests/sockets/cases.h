/* cases.h - what every server of lessons 01 to 04 promises, as scripts. */
#ifndef LAB_CASES_H
#define LAB_CASES_H

#include "world.h"

enum { SLOW, QUICK, THIRD };

/* One client: the line, in pieces, byte by byte; two one after the other. */
void case_line_in_upper_case(serve_function *serve);
void case_one_byte_at_a_time(serve_function *serve);
void case_one_after_the_other(serve_function *serve);
/* A line that is no C string. */
void case_byte_of_0(serve_function *serve);

/* Finishes sending, then reads all its answers, then the end. */
void case_half_close(serve_function *serve);

/* Send takes one byte a call; every other call is interrupted. */
void case_short_send(serve_function *serve);
void case_interrupted(serve_function *serve);

/* RST while served, then another client; gone before its answer (without
 * MSG_NOSIGNAL that kills the process). */
void case_reset(serve_function *serve);
void case_gone_before_its_answer(serve_function *serve);

/* 256 KB through small socket buffers, read as it comes. */
void case_flood(serve_function *serve, struct world *world);

/* Side by side: quick ones are answered while the slow one is silent. */
void case_quick_while_slow(serve_function *serve, struct world *world);
/* One more comes than the server is to serve: it stays in the queue. */
void case_one_too_many(serve_function *serve);
/* One more than there is room for: it waits in the queue. */
void case_full_table(serve_function *serve, int room);
/* No fds left (EMFILE) for client 1 while client 0 is connected: client 0 is
 * served on, and client 1 when it has left. */
void case_no_fds_left(serve_function *serve, struct world *world);
/* 200 at once, all connected before the first sends. */
void case_two_hundred(serve_function *serve);

/* What went wrong in them, for each lesson's table of causes: what is so
 * whatever the test, first; what only the test's name tells, last. */
#define CASE_FACTS                                                           \
    { "a_byte_of_0*", { NULL },                                              \
      "bytes are taken for a C string, which ends at the first 0: recv "     \
      "says how many have come, strlen does not know", "row \"does\"" },     \
    { "no_fds*", { "it returns -1", "client 0 closes" },                     \
      "after an accept that failed (EMFILE) nobody is accepted any more: "   \
      "when somebody has left there is an fd again, so ask again",           \
      "row \"on error\"" },                                                  \
    { "no_fds*", { "it returns -1" },                                        \
      "an accept that fails (EMFILE: no fds are left) ends the server, "     \
      "though somebody is connected: serve him on; -1 is for when nobody "   \
      "is", "row \"on error\"" },                                            \
    { "no_fds*", { "wakes it" },                                             \
      "the listener is asked about though accept has just failed "           \
      "(EMFILE), and it stays ready: leave it out until somebody has "       \
      "left", "row \"on error\"" },                                          \
    { "no_fds*", { "hears nothing" },                                        \
      "after an accept that failed (EMFILE) nobody is accepted any more: "   \
      "when somebody has left there is an fd again, so ask again",           \
      "row \"on error\"" },                                                  \
    { "a_signal*", { NULL },                                                 \
      "a signal that came by (EINTR) is taken for an error, or for the "     \
      "end: it means \"call again\", which wire_again and wire_accept "      \
      "know", "row \"on error\"" },                                          \
    { NULL, { "recv said EAGAIN" },                                          \
      "EAGAIN, nothing has come yet, is taken for the end of the "           \
      "connection: ask again later (wire_again)", "row \"on error\"" },      \
    { NULL, { "send said EAGAIN" },                                          \
      "EAGAIN, the socket buffer is full, is taken for the end of the "      \
      "connection: send the rest later (wire_again)", "row \"on error\"" },  \
    { NULL, { "more than the" },                                             \
      "more bytes go back than have come: send as many as recv said, "       \
      "not sizeof buffer and not strlen, and after a short send only "       \
      "the rest", "row \"does\"" },                                          \
    { "a_reset*", { "times, and it is asked again" },                        \
      "an error of recv or send is not taken for the end of its "            \
      "connection: close that one and go on", "row \"on error\"" },          \
    { NULL, { "broken is closed" },                                          \
      "an error of recv or send is not taken for the end of its "            \
      "connection: close that one and go on", "row \"on error\"" },          \
    { NULL, { "out of bounds" },                                             \
      "the table of connections is used behind its end: no accept while "    \
      "it is full, and the last that is in use is fds[count - 1]",           \
      "row \"does\"" },                                                      \
    { NULL, { "was closed already" },                                        \
      "a connection is used after it was closed: close it last, and "        \
      "forget its number in the same breath", "row \"who frees\"" },         \
    { NULL, { "it closes", " twice" },                                       \
      "two ways out close the same connection: by the second time the "      \
      "number may be another's; close it in one place",                      \
      "row \"who frees\"" },                                                 \
    { NULL, { "closes the listener" },                                       \
      "the listener is closed, too: that is its caller's",                   \
      "row \"who frees\"" },                                                 \
    { NULL, { "none of its connections" },                                   \
      "a number that is no connection of this server is closed, or "         \
      "used: what did accept return, and is the place in the table in "      \
      "use (fds[--count] is the last that is)?", "row \"who frees\"" },      \
    { NULL, { "on the listener: that gives" },                               \
      "the listener is taken for a connection: bytes come from what "        \
      "accept returns", "row \"does\"" },                                    \
    { "a_reset*", { "is still open when" },                                  \
      "the way out for a broken connection forgets to close it",             \
      "row \"who frees\"" },                                                 \
    { "a_client_gone*", { "is still open when" },                            \
      "the way out for a broken connection forgets to close it",             \
      "row \"who frees\"" },                                                 \
    { NULL, { "is still open when" },                                        \
      "a connection is not closed when its client has finished",             \
      "row \"who frees\"" },                                                 \
    { NULL, { "into no room" },                                              \
      "recv is called with no room left: its 0 then means nothing; recv "    \
      "only while there is room", "row \"does\"" },                          \
    { NULL, { "and it is asked again" },                                     \
      "recv's 0 is not taken for the end: the client has finished "          \
      "sending, so close (and never ask it again)", "row \"does\"" },        \
    { NULL, { "signal 13" },                                                 \
      "send raises SIGPIPE, since the peer has gone: MSG_NOSIGNAL makes "    \
      "it an error, EPIPE, which ends this one only", "row \"on error\"" },

#define CASE_CAUSES                                                          \
    { "a_reset*", { "past the end" },                                        \
      "an error of recv is not taken for the end of its connection: "        \
      "close that one and go on", "row \"on error\"" },                      \
    { "who_has_no_room*", { NULL },                                          \
      "the table of connections is full, and one more is accepted, or "      \
      "never: no accept while it is full, the rest waits in the queue",      \
      "row \"does\"" },                                                      \
    { "two_hundred*", { NULL },                                              \
      "not all of 200 connections are kept: a table too small, or one "      \
      "lost when another leaves", "row \"does\"" },                          \
    { NULL, { "it has returned while client" },                              \
      "a client is left before it has finished: serve it, one answer "       \
      "after the other, until recv says 0, and return when nobody is "       \
      "connected any more", "row \"does\"" },                                \
    { NULL, { "past the end of" },                                           \
      "more bytes are received, or sent, than there are: recv's size is "    \
      "the room that is left, and what is to be sent shrinks by what "       \
      "send said; and -1 is an error, no number of bytes", "row \"does\"" }, \
    { NULL, { "is answered", "hears nothing yet" },                          \
      "more clients are served than there should be", "row \"input\"" },     \
    { "a_line*", { "yours      \"hello" },                                   \
      "the bytes go back as they came: wire_upper comes before send",        \
      "row \"does\"" },                                                      \
    { "a_line*", { "yours      \"HELLO, 2 WORLDS!\\n" },                     \
      "more bytes go back than have come: send as many as recv said, "       \
      "not sizeof buffer and not strlen", "row \"does\"" },                  \
    { "a_line*", { "client 0 hears \"AGAIN", "hears the end" },              \
      "the connection is closed after its first answer: go on until "        \
      "recv says 0", "row \"does\"" },                                       \
    { "one_byte*", { "client 0 hears \"I\"", "hears the end" },              \
      "the connection is closed after its first answer: go on until "        \
      "recv says 0", "row \"does\"" },                                       \
    { "one_byte*", { "sleeps in" },                                          \
      "the server waits for a whole line: a stream has no lines; send "      \
      "back the bytes that it has", "row \"does\"" },                        \
    { "one_byte*", { "asks again and again" },                               \
      "the server waits for a whole line: a stream has no lines; send "      \
      "back the bytes that it has", "row \"does\"" },                        \
    { NULL, { "it has returned before client" },                             \
      "the server serves one client, or too few, and returns: `clients` "    \
      "is how many it is to serve", "row \"result\"" },                      \
    { NULL, { "expected   the server returns: all", "sleeps in accept" },    \
      "the server waits for one more client than it was to serve: count "    \
      "them, and return 0", "row \"result\"" },                              \
    { "a_line*", { "expected   client 0 hears\n             \"HELLO" },      \
      "not all of the bytes that have come go back, in upper case, once "    \
      "each", "row \"does\"" },                                              \
    { "one_too_many*", { NULL },                                             \
      "the server accepts more than `clients`, or waits for the "            \
      "listener though nobody is to come", "row \"input\"" },                \
    { "a_reset*", { "it returns -1" },                                       \
      "the error of one connection ends the server: close that one and "     \
      "go on", "row \"on error\"" },                                         \
    { "a_client_gone*", { "it returns -1" },                                 \
      "the error of one connection ends the server: close that one and "     \
      "go on", "row \"on error\"" },                                         \
    { "a_reset*", { NULL },                                                  \
      "an error of recv is not taken for the end of its connection: "        \
      "close that one and go on", "row \"on error\"" },                      \
    { "a_client_gone*", { NULL },                                            \
      "an error of send is not taken for the end of its connection: "        \
      "close that one and go on", "row \"on error\"" },                      \
    { "a_short_send*", { NULL },                                             \
      "send took less than it was given, and the rest is lost: its "         \
      "result says how many bytes; go on behind them", "row \"does\"" },     \
    { "a_flood*", { "lost, doubled or" },                                    \
      "send took less than it was given, and the rest is lost: its "         \
      "result says how many bytes; go on behind them", "row \"does\"" },     \
    { "a_flood*", { "hears the end" },                                       \
      "a full socket buffer (EAGAIN of send) is taken for the end of "       \
      "the connection: it means later", "row \"on error\"" },                \
    { "a_listener*", { "runs on and on" },                                   \
      "an accept that failed is tried again for ever: if it is not "         \
      "EAGAIN, return -1", "row \"on error\"" },                             \
    { "a_listener*", { NULL },                                               \
      "the listener's failure is not told: return -1, with errno as "        \
      "accept left it", "row \"on error\"" },                                \
    { NULL, { "runs on and on" },                                            \
      "the server goes round and round without a call that could change "    \
      "anything", NULL },                                                    \
    { NULL, { "sleeps in a system call" },                                   \
      "the server sleeps where nobody can wake it: in sleep, or in a "       \
      "call other than accept, recv, send, select, poll", "row \"does\"" },

#endif
