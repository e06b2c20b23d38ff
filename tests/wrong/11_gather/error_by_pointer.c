/* MISTAKE: it points to the error of the child instead of copying it. */
/* SEEN: the error belongs to the child */
#define OWN_FAIL
#include "given.h"

static void fail(struct gather *self, const struct error *error)
{
    future_set_error(&self->outer.future, error);
}
