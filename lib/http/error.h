/* error.h - one name for each way HTTP can go wrong.
 *
 * A refusal is a class (this enum, a stable name for tests and logs), one
 * sentence for people, and the offset of the offending byte. The sentence and
 * the offset live beside the class in whoever refused: struct http_parser,
 * http_url or http_writer. Timeouts and resets are seen by the caller, who
 * owns the socket; they are here so that all classes have one list.
 */
#ifndef HTTP_ERROR_H
#define HTTP_ERROR_H

enum http_error {
    HTTP_OK,

    /* a message that breaks the grammar or a policy */
    HTTP_BAD_REQUEST_LINE,
    HTTP_BAD_STATUS_LINE,
    HTTP_BAD_VERSION,         /* a major version other than 1            */
    HTTP_BAD_LINE_END,        /* LF without CR                           */
    HTTP_BAD_HEADER,
    HTTP_BAD_CONTENT_LENGTH,
    HTTP_CONFLICTING_FRAMING, /* two ways to say where the body ends     */
    HTTP_UNSUPPORTED_CODING,  /* a Transfer-Encoding other than chunked  */
    HTTP_BAD_CHUNK,
    HTTP_TOO_LARGE,           /* over a limit                            */
    HTTP_UNEXPECTED_UPGRADE,  /* 101 that nobody asked for               */

    /* a message that ended early */
    HTTP_CLOSED_BEFORE_REQUEST,
    HTTP_CLOSED_BEFORE_RESPONSE,
    HTTP_CLOSED_IN_HEAD,
    HTTP_CLOSED_IN_BODY,
    HTTP_TIMEOUT,
    HTTP_RESET,

    /* a URL, a request target or a Host field */
    HTTP_EMPTY,
    HTTP_BAD_SCHEME,
    HTTP_UNSUPPORTED_SCHEME,
    HTTP_EMPTY_HOST,
    HTTP_USERINFO,
    HTTP_BAD_HOST,
    HTTP_BAD_PORT,
    HTTP_BAD_CHAR,
    HTTP_BAD_PERCENT,

    /* something the caller asked the writer to send */
    HTTP_BAD_METHOD,
    HTTP_BAD_TARGET,
    HTTP_BAD_HEADER_NAME,
    HTTP_BAD_HEADER_VALUE,
    HTTP_BAD_REASON,
    HTTP_BAD_STATUS,
    HTTP_BODY_NOT_ALLOWED,

    HTTP_ERROR_COUNT
};

/* The name of an error class in lower case, "bad_header" for HTTP_BAD_HEADER
 * and "none" for HTTP_OK. A static string, never NULL. */
const char *http_error_name(enum http_error error);

#endif
