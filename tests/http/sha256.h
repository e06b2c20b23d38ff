/* sha256.h - SHA-256 (FIPS 180-4), to compare bodies with the tables.
 *
 * Written for shortness; a test that hashes kilobytes needs no speed.
 */
#ifndef TESTS_HTTP_SHA256_H
#define TESTS_HTTP_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct sha256 {
    uint32_t state[8];
    uint64_t len;
    unsigned char block[64];
};

void sha256_start(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *data, size_t len);

/* The first 16 hexadecimal digits and a terminator. Ends the hash. */
void sha256_end(struct sha256 *hash, char digits[17]);

#endif
