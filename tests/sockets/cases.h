/* cases.h - what every server of lessons 01 to 04 promises, as scripts. */
#ifndef LAB_CASES_H
#define LAB_CASES_H

#include "world.h"

enum { SLOW, QUICK, THIRD };

/* One client: the line, in pieces, byte by byte; two one after the other. */
void case_line_in_upper_case(serve_function *serve);
void case_one_byte_at_a_time(serve_function *serve);
void case_one_after_the_other(serve_function *serve);

/* Finishes sending, then reads all its answers, then the end. */
void case_half_close(serve_function *serve);

/* Send takes one byte a call; every other call is interrupted. */
void case_short_send(serve_function *serve);
void case_interrupted(serve_function *serve);

/* RST while served, then another client; gone before its answer (without
 * MSG_NOSIGNAL that kills the process). */
void case_reset(serve_function *serve);
void case_gone_before_its_answer(serve_function *serve);

/* 1 MB through small socket buffers, read as it comes. */
void case_megabyte(serve_function *serve);

/* Side by side: quick ones are answered while the slow one is silent. */
void case_quick_while_slow(serve_function *serve, struct world *world);
/* One more comes than the server is to serve: it stays in the queue. */
void case_one_too_many(serve_function *serve);
/* 200 at once, all connected before the first sends. */
void case_two_hundred(serve_function *serve);

#endif
