/* jitter.c - see jitter.h. */
#include "18_fetchall/jitter.h"

static double draw(struct jitter *jitter)
{
    uint64_t z = jitter->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    /* As many bits as a double holds without rounding, or 1 may come. */
    return (double)(z >> 11) / (double)(UINT64_C(1) << 53);
}

void jitter_open(struct jitter *jitter, uint64_t seed)
{
    *jitter = (struct jitter){ draw, seed };
}
