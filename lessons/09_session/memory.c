/* memory.c - where the pool's places come from. A file of its own, so that
 * a test can put its own in front of it, and be out of memory.
 */
#include "09_session/session.h"

#include <stdlib.h>

struct pooled *session_memory(void)
{
    return malloc(sizeof(struct pooled));
}
