/* floor.h - what the same work costs without tasks: one poll loop as client,
 * one as server, written for nothing but these numbers. They check no
 * syntax, keep no results, know no errors but "give up": a floor. */
#ifndef LAB_FLOOR_H
#define LAB_FLOOR_H

#include <stddef.h>

/* Answers every "\r\n\r\n" with 200 and "hello\n", until the process ends. */
_Noreturn void floor_serve(int listener);

/* Sends `count` GETs over `connections` keep-alive connections to
 * 127.0.0.1:port, one in flight on each; how many were answered by 200. */
size_t floor_get(unsigned port, size_t connections, size_t count);

/* A listening socket on 127.0.0.1 and a free port; exits if there is none. */
int floor_listen(unsigned *port);

#endif
