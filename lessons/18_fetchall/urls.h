/* urls.h - a list of URLs that is never whole in memory.
 *
 *     words of the command line, and then the lines of a fd
 *           |
 *           v   one at a time, when somebody asks
 *     next_url
 *
 * The fd may be a file, a pipe or a terminal. It is not made non-blocking:
 * O_NONBLOCK belongs to everybody who has it open, and standard input is the
 * shell's, too. So we read only what poll() has promised, once a promise.
 * (If another program reads the same pipe, it may be first, and we block
 * until the next byte: the price.)
 *
 * Left out: a line of those who wait. Each piece that comes wakes them all
 * and serves the first; acquire.c of lesson 09 would wake one.
 */
#ifndef LAB_URLS_H
#define LAB_URLS_H

#include "http/url.h"
#include "loop/poller.h"

#include <stdio.h>

enum { URLS_LINE = HTTP_URL_MAX + 64 }; /* bytes of a line, with its end */

struct urls {
    struct loop *loop;
    const char *const *words; /* the first `word_count` URLs        */
    size_t word_count;
    int fd;             /* then its lines; -1: none. The caller's   */
    const char *name;   /* of the fd, for complaints                */
    const char *base;   /* "/path" is one of its; NULL: no URL      */
    void (*complain)(struct urls *urls, const char *text);
    /* so far */
    size_t word, line, taken, bad;
    bool ended, skipping;     /* the rest of a line that is too long */
    size_t at, end;           /* of `bytes`: read and not taken yet  */
    char bytes[URLS_LINE];
};

struct url {
    size_t number;               /* in the list: 1, 2, ...       */
    char text[URLS_LINE];        /* as it stood there            */
    char full[HTTP_URL_MAX + 1]; /* absolute                     */
};

/* The next URL of the list, into *url, now or when it comes. Blank lines
 * and those that begin with "#" are no URLs. One that cannot be fetched is
 * told to `complain`, with where it stands and why, counted in `bad`, and
 * passed over; so is a read that fails, and ends the list. Several may wait;
 * cancelled, nothing is lost. */
struct next_url {
    struct coro coro;
    struct urls *urls;
    struct url *url;
    bool ended; /* out: there is none */
    struct wait_fd wait_fd;
};
ASYNC_DECLARE(next_url);

#endif
