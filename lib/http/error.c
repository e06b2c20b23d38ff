/* error.c - the names of the error classes.
 *
 * Designated initialisers tie each name to its value, so the enum may be
 * reordered without touching this table; a class without a name shows up as
 * "unknown", and a test looks for that.
 */
#include "http/error.h"

#include <stddef.h>

static const char *const names[HTTP_ERROR_COUNT] = {
    [HTTP_OK] = "none",
    [HTTP_BAD_REQUEST_LINE] = "bad_request_line",
    [HTTP_BAD_STATUS_LINE] = "bad_status_line",
    [HTTP_BAD_VERSION] = "bad_version",
    [HTTP_BAD_LINE_END] = "bad_line_end",
    [HTTP_BAD_HEADER] = "bad_header",
    [HTTP_BAD_CONTENT_LENGTH] = "bad_content_length",
    [HTTP_CONFLICTING_FRAMING] = "conflicting_framing",
    [HTTP_UNSUPPORTED_CODING] = "unsupported_coding",
    [HTTP_BAD_CHUNK] = "bad_chunk",
    [HTTP_TOO_LARGE] = "too_large",
    [HTTP_UNEXPECTED_UPGRADE] = "unexpected_upgrade",
    [HTTP_CLOSED_BEFORE_REQUEST] = "closed_before_request",
    [HTTP_CLOSED_BEFORE_RESPONSE] = "closed_before_response",
    [HTTP_CLOSED_IN_HEAD] = "closed_in_head",
    [HTTP_CLOSED_IN_BODY] = "closed_in_body",
    [HTTP_TIMEOUT] = "timeout",
    [HTTP_RESET] = "reset",
    [HTTP_EMPTY] = "empty",
    [HTTP_BAD_SCHEME] = "bad_scheme",
    [HTTP_UNSUPPORTED_SCHEME] = "unsupported_scheme",
    [HTTP_EMPTY_HOST] = "empty_host",
    [HTTP_USERINFO] = "userinfo",
    [HTTP_BAD_HOST] = "bad_host",
    [HTTP_BAD_PORT] = "bad_port",
    [HTTP_BAD_CHAR] = "bad_char",
    [HTTP_BAD_PERCENT] = "bad_percent",
    [HTTP_BAD_METHOD] = "bad_method",
    [HTTP_BAD_TARGET] = "bad_target",
    [HTTP_BAD_HEADER_NAME] = "bad_header_name",
    [HTTP_BAD_HEADER_VALUE] = "bad_header_value",
    [HTTP_BAD_REASON] = "bad_reason",
    [HTTP_BAD_STATUS] = "bad_status",
    [HTTP_BODY_NOT_ALLOWED] = "body_not_allowed",
};

const char *http_error_name(enum http_error error)
{
    size_t index = (size_t)error;

    if (index >= HTTP_ERROR_COUNT || names[index] == NULL)
        return "unknown";
    return names[index];
}
