/* chunk.h - the lines between the chunks of a body (RFC 9112 7.1).
 *
 *     5;name="a value" CR LF   hello CR LF   0 CR LF
 *     `--- a chunk line ---'        `---------------' the next one
 *
 * The CR LF that closes the data is read as the beginning of the next line:
 * so whoever reads the body alternates between lines and data. Extensions are
 * checked, counted and ignored.
 */
#ifndef HTTP_CHUNK_H
#define HTTP_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_chunk {
    uint64_t size;       /* of the data that follows; valid when done     */
    bool done;           /* the line is complete                          */
    size_t line;         /* bytes of this line so far                     */
    size_t ext;          /* bytes of extensions in all lines so far       */
    unsigned char state; /* private                                       */
};

/* Begin with the first line (after_data false: also forgets the extensions)
 * or with the line that follows the data of a chunk. */
void http_chunk_start(struct http_chunk *chunk, bool after_data);

/* Read one byte of a line. False when it may not stand there: not the
 * grammar, or a size of 2^64 and more. Counting against limits is left to the
 * caller, who finds line and ext up to date. */
bool http_chunk_byte(struct http_chunk *chunk, char c);

#endif
