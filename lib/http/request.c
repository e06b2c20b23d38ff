/* request.c - from a parsed head, or an error, to the status that is due.
 *
 * The order matters: an error of framing makes everything after it doubtful,
 * so it wins over an unknown method, and it always closes.
 */
#include "http/request.h"

static struct http_answer refuse(int status, const char *why)
{
    return (struct http_answer){ status, true, why };
}

static struct http_answer answer_error(const struct http_parser *p)
{
    enum http_phase phase = http_parser_phase(p);

    if (p->error == HTTP_BAD_VERSION)
        return refuse(505, p->why);
    /* "chunked, chunked" is not unknown but wrong (9112 6.1). */
    if (p->error == HTTP_UNSUPPORTED_CODING)
        return refuse(p->chunked == p->codings ? 400 : 501, p->why);
    if (p->error != HTTP_TOO_LARGE)
        return refuse(400, p->why);
    if (phase == HTTP_IN_BODY)
        return refuse(p->in_trailer ? 431 : 413, p->why);
    if (phase == HTTP_IN_FIELDS)
        return refuse(431, p->why);
    /* A method longer than all we know is unknown (9112 3). */
    return refuse(p->method.len == 0 ? 501 : 414, p->why);
}

/* 9112 3.2: exactly one valid Host in HTTP/1.1, at most one in HTTP/1.0. */
static struct http_answer judge_host(const struct http_parser *p)
{
    struct http_url host;

    if (p->hosts > 1)
        return refuse(400, "more than one Host");
    if (p->hosts == 0 && p->minor > 0)
        return refuse(400, "HTTP/1.1 needs a Host");
    if (p->hosts == 1 && http_host_parse(&host, p->host) != HTTP_OK)
        return refuse(400, "Host is not a host and a port");
    return (struct http_answer){ 0, false, "" };
}

static bool is_known_method(struct http_span method)
{
    static const char *const known[] = { "GET", "HEAD", "POST", "PUT" };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (method.len == strlen(known[i]) &&
            memcmp(method.at, known[i], method.len) == 0)
            return true;
    return false;
}

bool http_request_expects_continue(const struct http_parser *p)
{
    /* HTTP/1.0 has no interim responses (9110 10.1.1). */
    return p->minor > 0 && http_same(p->expect, "100-continue");
}

struct http_answer http_request_judge(const struct http_parser *p,
                                      struct http_url *url)
{
    if (p->error != HTTP_OK)
        return answer_error(p);
    struct http_answer answer = judge_host(p);
    if (answer.status != 0)
        return answer;
    /* Unknown methods first: CONNECT and OPTIONS have targets of their own.
     * The framing is sound, so the connection may go on. */
    if (!is_known_method(p->method))
        return (struct http_answer){ 501, false, "an unknown method" };
    if (http_target_parse(url, p->target) != HTTP_OK)
        return refuse(400, "the request target is no path and no http URL");
    if (p->expect.at != NULL && p->minor > 0 &&
        !http_request_expects_continue(p))
        return refuse(417, "Expect knows only \"100-continue\"");
    return answer;
}
