/* fetch_status.c - see fetch_status.h. The status is all we want: the body
 * is left to response_close, which gives the connection back if all of it
 * has come, and closes it if not. */
#include "11_gather/fetch_status.h"

ASYNC(fetch_status)
{
    BEGIN;
    if (self->delay_ns > 0)
        AWAIT(sleep, .delay_ns = self->delay_ns);
    AWAIT(request, .session = self->session, .url = self->url);
    self->status = self->request.response.status;
    response_close(&self->request.response);
    END;
}
