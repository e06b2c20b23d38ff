/* fuzz.h - one target a file: what must hold for any bytes at all.
 *
 * The same function is linked twice: by clang with libFuzzer, which looks
 * for inputs (LAB_FUZZ), and everywhere with driver.c, which runs those that
 * are committed, and as many spoiled ones as it is told.
 */
#ifndef LAB_FUZZ_H
#define LAB_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PROMISE(holds) do { if (!(holds)) {                               \
    fprintf(stderr, "%s:%d: not kept: %s\n", __FILE__, __LINE__, #holds); \
    abort(); } } while (0)

/* Whether a message is also cut in pieces, how, is the input's to say: the
 * same input has the same cuts, each input has others. Not 0. */
static inline uint64_t fuzz_seed(const uint8_t *data, size_t size)
{
    uint64_t seed = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < size; i++)
        seed = (seed ^ data[i]) * UINT64_C(0x100000001b3);
    return seed | 1;
}

#endif
