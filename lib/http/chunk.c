/* chunk.c - a chunk line as a table: state by kind of byte gives next state.
 *
 *   chunk-size *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted ) ] ) CR LF
 *
 * The table is the grammar and nothing else, so what it does not list is
 * refused: "0x5", "5 ", "5;", a lone LF. Smuggling attacks live on servers
 * that skip to the end of the line instead.
 */
#include "http/chunk.h"

#include "http/field.h"

enum state {
    REFUSE,
    /* the rows of the table */
    SIZE, GAP, EXT, NAME, NAME_GAP, EQUALS, VALUE, QUOTED, ESCAPE, UNQUOTED,
    /* plain sequences */
    DATA_CR, DATA_LF, FIRST, LAST_LF
};

enum kind { TOKEN, WS, SEMI, EQUAL, QUOTE, SLASH, CR, TEXT, OTHER };

static const unsigned char step[UNQUOTED + 1][OTHER + 1] = {
    [SIZE] = { [WS] = GAP, [SEMI] = EXT, [CR] = LAST_LF },
    [GAP] = { [WS] = GAP, [SEMI] = EXT },
    [EXT] = { [WS] = EXT, [TOKEN] = NAME },
    [NAME] = { [TOKEN] = NAME, [WS] = NAME_GAP, [SEMI] = EXT,
               [EQUAL] = EQUALS, [CR] = LAST_LF },
    [NAME_GAP] = { [WS] = NAME_GAP, [SEMI] = EXT, [EQUAL] = EQUALS },
    [EQUALS] = { [WS] = EQUALS, [TOKEN] = VALUE, [QUOTE] = QUOTED },
    [VALUE] = { [TOKEN] = VALUE, [WS] = GAP, [SEMI] = EXT, [CR] = LAST_LF },
    [QUOTED] = { QUOTED, QUOTED, QUOTED, QUOTED, UNQUOTED, ESCAPE,
                 [TEXT] = QUOTED },
    [ESCAPE] = { QUOTED, QUOTED, QUOTED, QUOTED, QUOTED, QUOTED,
                 [TEXT] = QUOTED },
    [UNQUOTED] = { [WS] = GAP, [SEMI] = EXT, [CR] = LAST_LF },
};

static enum kind kind_of(char c)
{
    static const char signs[] = ";=\"\\\r";
    const char *sign = memchr(signs, c, sizeof signs - 1);

    if (sign != NULL)
        return (enum kind)(SEMI + (sign - signs));
    if (http_is(c, HTTP_TOKEN))
        return TOKEN;
    if (http_is(c, HTTP_WS))
        return WS;
    return http_is(c, HTTP_TEXT) ? TEXT : OTHER;
}

void http_chunk_start(struct http_chunk *chunk, bool after_data)
{
    *chunk = (struct http_chunk){
        .ext = after_data ? chunk->ext : 0,
        .state = after_data ? DATA_CR : FIRST,
    };
}

static bool size_digit(struct http_chunk *chunk, char c)
{
    bool fits = chunk->size <= UINT64_MAX >> 4;

    chunk->size = chunk->size << 4 | http_hex(c);
    chunk->line++;
    chunk->state = SIZE;
    return fits;
}

/* DATA_CR DATA_LF close the data before this line, LAST_LF closes the line. */
static bool sequence_byte(struct http_chunk *chunk, char c)
{
    if (chunk->state == FIRST)
        return http_is(c, HTTP_HEX) && size_digit(chunk, c);
    if (c != (chunk->state == DATA_CR ? '\r' : '\n'))
        return false;
    chunk->done = chunk->state == LAST_LF;
    chunk->state = chunk->state == DATA_CR ? DATA_LF : FIRST;
    return true;
}

bool http_chunk_byte(struct http_chunk *chunk, char c)
{
    if (chunk->state >= DATA_CR)
        return sequence_byte(chunk, c);
    if (chunk->state == SIZE && http_is(c, HTTP_HEX))
        return size_digit(chunk, c);
    chunk->state = step[chunk->state][kind_of(c)];
    if (c != '\r') {
        chunk->line++;
        chunk->ext++;
    }
    return chunk->state != REFUSE;
}
