/* jitter.h - chance with a memory: the same seed, the same pauses.
 *
 * A hundred clients that failed together must not come back together, so
 * each pause is drawn. A run that went wrong must be run again as it was, so
 * who draws says from what seed. (To the byte in virtual time; else in what
 * order tries fail is the network's affair, and so who gets which draw.)
 */
#ifndef LAB_JITTER_H
#define LAB_JITTER_H

#include <stdint.h>

struct jitter {
    double (*draw)(struct jitter *jitter); /* at least 0, less than 1 */
    uint64_t state;
};

/* splitmix64: eight bytes of state, any seed will do. Not for secrets. */
void jitter_open(struct jitter *jitter, uint64_t seed);

#endif
