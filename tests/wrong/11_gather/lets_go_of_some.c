/* MISTAKE: gather_close goes as far as `distinct`, which is not where the
   last is. */
/* SEEN: gather_close leaves callbacks behind */
#define OWN_GATHER_CLOSE
#include "given.h"

void gather_close(void *gather)
{
    struct gather *self = gather;

    for (size_t i = 0; i < self->distinct; i++)
        future_remove_callback(self->slots[i].child, &self->slots[i].done);
}
