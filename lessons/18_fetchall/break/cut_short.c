/* cut_short.c - a page is written into page.html as it comes. Ctrl-C in the
 * middle: everything is closed as it should be, the program ends as it
 * should, and page.html is there. Who finds it cannot tell that it is half.
 */
#include "09_session/session.h"

#include "stage/origin.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PAGE = 8000000 };

static char path[64];

struct show {
    struct coro coro;
    struct origin origin;
    struct session session;
    struct cleanup shutting, closing, closing_file;
    char url[64];
    FILE *file;
    size_t bytes;
    bool interrupted;
    struct response response;
    union {
        struct request request;
        struct response_read response_read;
    };
};
ASYNC_DECLARE(show);

static void close_file(void *file)
{
    fclose(file);
}

ASYNC(show)
{
    BEGIN;
    if (origin_start(&self->origin, task_loop(task), "127.0.0.1", 0,
                     &task->error) != 0)
        RERAISE(task->error.code);
    session_open(&self->session, task_loop(task), SESSION_DEFAULTS);
    DEFER(&self->shutting, session_shut, &self->session);
    snprintf(self->url, sizeof self->url, "http://127.0.0.1:%u/bytes/%d",
             self->origin.port, PAGE);
    self->file = fopen(path, "w");
    if (self->file == NULL)
        RAISE_ERRNO("open %s", path);
    DEFER(&self->closing_file, close_file, self->file);
    AWAIT(request, .session = &self->session, .url = self->url);
    self->response = self->request.response;
    DEFER(&self->closing, response_close, &self->response);
    do {
        AWAIT(response_read, .response = &self->response);
        if (self->response_read.piece.len > 0)
            fwrite(self->response_read.piece.at, 1,
                   self->response_read.piece.len, self->file);
        self->bytes += self->response_read.piece.len;
        if (self->bytes > PAGE / 2 && !self->interrupted) {
            self->interrupted = true;
            raise(SIGINT); /* Ctrl-C */
        }
    } while (self->response_read.piece.len > 0);
    END;
}

/* How long the file is; -1: it is not there. */
static long length_of(void)
{
    FILE *file = fopen(path, "r");
    long length = -1;

    if (file == NULL)
        return -1;
    if (fseek(file, 0, SEEK_END) == 0)
        length = ftell(file);
    fclose(file);
    return length;
}

int main(void)
{
    static struct show show = { CORO(show) };
    struct loop_options options = { .catch_sigint = true };
    struct loop loop;
    struct error error;
    int code;
    long length;

    snprintf(path, sizeof path, "/tmp/awaitlab-%ld-page.html",
             (long)getpid());
    if (loop_open(&loop, &options, &error) != 0)
        return 2;
    code = loop_run(&loop, &show.coro);
    loop_close(&loop);
    length = length_of();
    unlink(path);
    printf("%s; page.html is %s\n", error_name(code), length < 0
           ? "not there" : length == PAGE ? "whole" : "there, and not whole");
    return code != E_INTERRUPTED ? 2 : length >= 0 && length < PAGE;
}
