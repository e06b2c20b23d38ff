/* resolve.c - getaddrinfo, asked by in_thread.
 *
 * The question and its answer travel in a query on the heap, the only thing
 * that the thread touches. Left out: a cache. The system may have one (nscd,
 * systemd-resolved), knows how long an answer is good for, and we do not.
 */
#include "15_resolve/resolve.h"

#include "sys.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

struct query {
    const struct sys *sys;
    struct addrinfo *list;
    int failure; /* EAI_..., or 0       */
    int number;  /* errno of EAI_SYSTEM */
    char host[];
};

static struct query *query_new(const struct sys *sys, const char *host)
{
    size_t size = strlen(host) + 1;
    struct query *query = malloc(sizeof *query + size);

    if (query == NULL)
        return NULL;
    *query = (struct query){ .sys = sys };
    memcpy(query->host, host, size);
    return query;
}

static void query_free(void *arg)
{
    struct query *query = arg;

    if (query->list != NULL)
        query->sys->freeaddrinfo(query->list);
    free(query);
}

/* In the thread. One kind of socket, or each address comes three times. */
static void ask(void *arg)
{
    const struct addrinfo hints = { .ai_family = AF_UNSPEC,
                                    .ai_socktype = SOCK_STREAM };
    struct query *query = arg;

    query->failure = query->sys->getaddrinfo(query->host, NULL, &hints,
                                             &query->list);
    query->number = errno;
    if (query->failure != 0)
        query->list = NULL;
}

/* A lookup that fails keeps a connection from being made, like the errors of
 * connect, and so has their codes. */
static int code_of(int failure)
{
    if (failure == EAI_AGAIN)
        return EAGAIN;
    return failure == EAI_MEMORY ? ENOMEM : EHOSTUNREACH;
}

/* When both do not fit the host gives way, never the cause. */
static int fail(struct error *error, int code, const char *host,
                const char *why)
{
    const size_t room = sizeof error->text - sizeof "resolve .. : ";
    const size_t tail = strlen(why) < room ? strlen(why) : room;

    if (strlen(host) + tail <= room)
        error_set(error, code, "resolve %s: %s", host, why);
    else
        error_set(error, code, "resolve %.*s..: %s", (int)(room - tail),
                  host, why);
    return code;
}

/* One address, if it is of a kind that we can dial. */
static size_t put(struct address *out, const struct addrinfo *info,
                  unsigned port)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)&out->storage;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&out->storage;

    if (info->ai_family != AF_INET && info->ai_family != AF_INET6)
        return 0;
    assert(info->ai_addrlen <= sizeof out->storage);
    memset(out, 0, sizeof *out);
    memcpy(&out->storage, info->ai_addr, info->ai_addrlen);
    out->length = info->ai_addrlen;
    if (info->ai_family == AF_INET)
        v4->sin_port = htons((uint16_t)port);
    else
        v6->sin6_port = htons((uint16_t)port);
    return 1;
}

/* What the thread has found becomes ours. 0, or a code with words. */
static int take(struct resolve *self, struct error *error)
{
    const struct query *query = self->query;

    if (query->failure == EAI_SYSTEM && query->number > 0)
        return fail(error, query->number, self->host,
                    strerror(query->number));
    if (query->failure != 0)
        return fail(error, code_of(query->failure), self->host,
                    gai_strerror(query->failure));
    for (const struct addrinfo *info = query->list;
         info != NULL && self->count < RESOLVE_MOST; info = info->ai_next)
        self->count += put(&self->found[self->count], info, self->port);
    return self->count > 0 ? 0
         : fail(error, EHOSTUNREACH, self->host, "no address that we speak");
}

/* 1: an address already, 0: to be asked for, -1: neither. */
static int numeric(struct resolve *self, struct error *error)
{
    if (address_parse(&self->found[0], self->host, self->port, error) == 0)
        return 1;
    if (self->port <= 65535 && self->host[0] != '/'
        && self->host[0] != '\0')
        return 0;
    if (self->host[0] == '\0')
        fail(error, E_VALUE, "", "an empty host");
    return -1;
}

ASYNC(resolve)
{
    int code;

    BEGIN;
    code = numeric(self, &task->error);
    if (code < 0)
        RERAISE(task->error.code);
    if (code > 0) {
        self->count = 1;
        RETURN();
    }
    self->query = query_new(task_loop(task)->sys, self->host);
    if (self->query == NULL)
        RAISE(ENOMEM, "resolve: no memory for one more lookup");
    AWAIT(in_thread, .executor = self->executor, .work = ask,
          .discard = query_free, .arg = self->query);
    code = take(self, &task->error);
    query_free(self->query);
    if (code != 0)
        RERAISE(code);
    END;
}
