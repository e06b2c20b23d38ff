/* demo.c - one GET and its status, timed. */
#include "08_get/get.h"

#include "stage/stage.h"

struct show {
    struct coro coro;
    struct stage *stage;
    struct get get;
    struct async_timed async_timed;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    AWAIT(async_timed, .stage = self->stage, .name = "fetch_status",
          .arguments = self->stage->url,
          .body = CALL(get, .url = self->stage->url));
    stage_say(self->stage, "Status for %s was %d", self->stage->url,
              self->get.status);
    END;
}

int main(int argc, char **argv)
{
    struct stage stage = { .about = "one GET, its status" };
    struct show show = { CORO(show), .stage = &stage };
    struct async_timed timed = { CORO(async_timed), .stage = &stage,
        .name = "main", .arguments = "", .body = &show.coro };

    return stage_run(&stage, argc, argv, &timed.coro);
}
