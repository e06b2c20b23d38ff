/* tls_words.h - what `openssl s_client -brief` says on its standard error: that
 * the handshake is over, or why it failed. A pure parser, made from what
 * versions 3.0 and later write; lines that it does not know do no harm.
 */
#ifndef LAB_TLS_WORDS_H
#define LAB_TLS_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct tls_words {
    bool connected; /* the handshake is over: "CONNECTION ESTABLISHED" */
    int number;     /* errno of the system call that failed; or 0      */
    char cause[64]; /* the first that was told; "" if none             */
    char line[256]; /* so far; what is longer is cut                   */
    size_t length;
};

/* The next piece, which may end in the middle of a line. Zero is the start. */
void tls_words_add(struct tls_words *words, const char *piece, size_t size);

#endif
