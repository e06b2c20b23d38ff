/* MISTAKE: feed parses what came by calling feed. */
/* SEEN: nothing ends the calls of feed */
#define OWN_FEED
#include "given.h"

enum http_event feed(struct get *self)
{
    struct http_span body;
    size_t used;

    if (self->sock_recv.received != 0)
        return feed(self);
    if (self->sock_recv.received == 0)
        return http_parser_eof(&self->parser);
    return http_parser_feed(&self->parser, self->bytes,
                            self->sock_recv.received, &used, &body);
}
