/* MISTAKE: gather_close lets go of nobody. */
/* SEEN: gather_close leaves callbacks behind */
#define OWN_GATHER_CLOSE
#include "given.h"

void gather_close(void *gather)
{
    struct gather *self = gather;

    self->finished = self->distinct;
}
