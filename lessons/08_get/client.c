/* client.c - what every HTTP client here needs: errors and addresses. */
#include "08_get/get.h"

#include <string.h>

static int code_of(enum http_error class)
{
    if (class == HTTP_UNSUPPORTED_SCHEME)
        return E_SCHEME;
    if (class >= HTTP_EMPTY && class <= HTTP_BAD_PERCENT)
        return E_INVALID_URL;
    if (class >= HTTP_BAD_METHOD)
        return E_VALUE;
    if (class == HTTP_CLOSED_BEFORE_RESPONSE || class == HTTP_CLOSED_IN_HEAD)
        return E_DISCONNECTED;
    return class == HTTP_CLOSED_IN_BODY ? E_EOF : E_PROTOCOL;
}

/* How much of a URL may be told: errors end up in logs. */
static size_t before_password(const char *url)
{
    const char *slashes = strstr(url, "//");

    return slashes == NULL ? 0
        : (size_t)(slashes + 2 - url) + strcspn(slashes + 2, ":@");
}

/* When both do not fit, the operation gives way: a URL without its end still
 * helps, a cause without its end does not. */
int client_error(struct error *error, const char *operation,
                 enum http_error class, const char *why)
{
    const size_t room = sizeof error->text - sizeof ".. : ";
    const size_t tail = strlen(why) < room ? strlen(why) : room;
    size_t shown = strlen(operation);

    if (class == HTTP_USERINFO)
        shown = before_password(operation);
    if (shown + tail <= room)
        return error_set(error, code_of(class), "%.*s: %s", (int)shown,
                         operation, why);
    return error_set(error, code_of(class), "%.*s..: %s", (int)(room - tail),
                     operation, why);
}

int client_address(struct address *address, const struct http_url *url,
                   struct error *error)
{
    char host[256];

    if (url->host.len >= sizeof host)
        return error_set(error, E_VALUE, "host of %zu bytes: too long",
                         url->host.len);
    memcpy(host, url->host.at, url->host.len);
    host[url->host.len] = '\0';
    if (strcmp(host, "localhost") == 0)
        strcpy(host, "127.0.0.1");
    return address_parse(address, host, url->port, error);
}
