/* fetch_status.h - the coroutine that all the lessons from here on run many
 * of: wait a while, GET, keep the status.
 *
 *     async def fetch_status(session, url, delay=0):
 *         await asyncio.sleep(delay)
 *         async with session.get(url) as result:
 *             return result.status
 *
 *     AWAIT(fetch_status, .session = &self->session, .url = url,
 *           .delay_ns = stage_ns(self->stage, 1));
 */
#ifndef LAB_FETCH_STATUS_H
#define LAB_FETCH_STATUS_H

#include "09_session/session.h"

/* GETs `url` after `delay_ns`; <= 0: at once, without giving up a turn.
 * The session and the url are the caller's and must stay. Raises what
 * request raises; nothing is open afterwards, however it ends. */
struct fetch_status {
    struct coro coro;
    struct session *session;
    const char *url;
    int64_t delay_ns;
    int status; /* out: 200, 404, ...; 0 until it is there */
    union {
        struct sleep sleep;
        struct request request;
    };
};
ASYNC_DECLARE(fetch_status);

#endif
