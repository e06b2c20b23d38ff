/* https.c - what a session asks of TLS, answered by children.
 *
 *     ask ---> child ---> "CONNECTION ESTABLISHED": the dial's fd
 *                    `--> its end: the dial's error
 *
 * A child is tended by a task of its own, which is nobody's child: the dial
 * may be cancelled, and the child still has to be reaped.
 */
#include "17_https/https.h"

#include "17_https/tls_words.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct connection {
    struct link link; /* in https->connections */
    struct https *https;
    struct dial_tls *question; /* NULL: answered, or forgotten */
    char peer[64];             /* for words, "example.com:443" */
    struct child child;
    struct tls_words words;
    struct child_wait child_wait;
    struct task task;
    struct callback ended;
    bool over; /* reaped */
};

enum { WORDS_MOST = 20 };

static bool is_number(const char *host)
{
    struct address address;
    struct error error;

    return address_parse(&address, host, 0, &error) == 0;
}

/* Who is there has to prove the name that was asked for; a number has no
 * place in SNI (RFC 6066 3). */
static void fill_argv(const char *argv[static WORDS_MOST],
                      const struct https *https,
                      const struct dial_tls *question, const char *to)
{
    const char *host = question->endpoint->host;
    const char *const usual[] = { https->program != NULL ? https->program
        : "openssl", "s_client", "-brief", "-nocommands",
        "-verify_return_error", "-connect", to };
    size_t n = sizeof usual / sizeof usual[0];

    memcpy(argv, usual, sizeof usual);
    argv[n++] = is_number(host) ? "-noservername" : "-servername";
    if (!is_number(host))
        argv[n++] = host;
    argv[n++] = is_number(host) ? "-verify_ip" : "-verify_hostname";
    argv[n++] = host;
    if (https->ca_file != NULL) { /* and no others */
        argv[n++] = "-no-CApath";
        argv[n++] = "-no-CAstore";
        argv[n++] = "-CAfile";
        argv[n++] = https->ca_file;
    }
    argv[n] = NULL;
}

static void name_peer(struct connection *self,
                      const struct endpoint *endpoint)
{
    const char *host = endpoint->host;

    snprintf(self->peer, sizeof self->peer, strchr(host, ':') != NULL
             ? "[%.54s]:%u" : "%.54s:%u", host, endpoint->port);
}

/* When it is over and nobody reads from it. */
static void free_if_done(struct connection *self)
{
    if (!self->over || self->child.fd >= 0)
        return;
    list_remove(&self->link);
    free(self);
}

static int complain(const struct connection *self, int code,
                    struct error *error)
{
    const struct tls_words *words = &self->words;

    if (words->number > 0 && code == E_PROTOCOL)
        return error_set_errno(error, words->number, "tls %s", self->peer);
    return error_set(error, code, "tls %s: %s", self->peer,
                     words->cause[0] != '\0' ? words->cause
                     : words->connected ? "cut off"
                     : "ended without a word");
}

static void heard(struct child *child, const char *piece, size_t size)
{
    struct connection *self = CONTAINER(child, struct connection, child);

    tls_words_add(&self->words, piece, size);
    if (!self->words.connected || self->question == NULL)
        return;
    /* If it was cancelled in this very turn, the pool closes fd. */
    *self->question->fd = child->fd;
    future_set_result(&self->question->answered);
    self->question = NULL;
}

static void ended(struct callback *callback)
{
    struct connection *self = CONTAINER(callback, struct connection, ended);
    struct dial_tls *question = self->question;

    self->over = true;
    if (self->child.pid != 0) /* cancelled before it began (row T04) */
        child_reap(&self->child);
    if (question != NULL) {
        complain(self, E_PROTOCOL, &question->error);
        future_set_error(&question->answered, &question->error);
        self->question = NULL;
        child_close(&self->child);
    }
    free_if_done(self);
}

/* 0, or a code with words. */
static int start(struct connection *self, struct error *error)
{
    const struct dial_tls *question = self->question;
    const char *ca_file = self->https->ca_file, *argv[WORDS_MOST];
    char to[ADDRESS_TEXT];
    int code;

    /* The program would say what is wrong, but not where. */
    if (ca_file != NULL && access(ca_file, R_OK) != 0)
        return error_set_errno(error, errno, "https: %s", ca_file);
    fill_argv(argv, self->https, question,
              address_text(question->address, to));
    code = child_start(&self->child, self->https->loop, argv, error);
    if (code == ENOENT)
        return error_set(error, E_SCHEME, "https: no %s on PATH", argv[0]);
    return code;
}

static void tend(struct connection *self)
{
    self->child_wait = (struct child_wait){ CORO(child_wait),
        .child = &self->child, .heard = heard };
    self->ended.run = ended;
    future_add_callback(task_create(self->https->loop, &self->task, "tls",
                                    &self->child_wait.coro), &self->ended);
    list_add(&self->https->connections, &self->link);
    self->https->started++;
}

static void ask(struct tls *tls, struct dial_tls *question)
{
    struct https *https = CONTAINER(tls, struct https, tls);
    struct connection *self = calloc(1, sizeof *self);

    if (self == NULL) {
        error_set(&question->error, ENOMEM, "tls: no memory for a child");
        future_set_error(&question->answered, &question->error);
        return;
    }
    self->https = https;
    self->question = question;
    name_peer(self, question->endpoint);
    if (start(self, &question->error) == 0) {
        tend(self);
    } else {
        future_set_error(&question->answered, &question->error);
        free(self);
    }
}

/* O(n) of the connections; a table by fd would be O(1), and a table more. */
static struct connection *find(struct tls *tls, int fd)
{
    struct https *https = CONTAINER(tls, struct https, tls);
    struct connection *found = NULL;

    LIST_EACH(&https->connections, link) {
        struct connection *self = CONTAINER(link, struct connection, link);

        if (self->child.fd == fd)
            found = self;
    }
    assert(found != NULL);
    return found;
}

static void close_fd(struct tls *tls, int *fd)
{
    struct connection *self = find(tls, *fd);

    *fd = -1;
    child_close(&self->child);
    free_if_done(self);
}

/* In the middle of a handshake there is nobody to say goodbye to. */
static void forget(struct tls *tls, struct dial_tls *question)
{
    struct https *https = CONTAINER(tls, struct https, tls);

    LIST_EACH(&https->connections, link) {
        struct connection *self = CONTAINER(link, struct connection, link);

        if (self->question != question)
            continue;
        self->question = NULL;
        child_kill(&self->child);
        child_close(&self->child);
        free_if_done(self);
    }
}

/* fd has an end when the child has been reaped, or when it is we who ended
 * it: then there is no status yet. */
static int ending(struct tls *tls, int fd, struct error *error)
{
    const struct connection *self = find(tls, fd);

    return self->child.status == 0 ? 0 : complain(self, E_EOF, error);
}

void https_open(struct https *https, struct loop *loop)
{
    *https = (struct https){ .tls = { ask, forget, ending, close_fd },
                             .loop = loop };
    list_init(&https->connections);
}
