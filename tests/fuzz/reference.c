/* reference.c - a base, a newline, a reference: any two texts resolve, in
 * less room to the same or not at all; and what has been resolved against a
 * URL resolves to itself. */
#include "fuzz.h"

#include "http/url.h"

#include <string.h>

/* Into memory of exactly `cap` bytes, which is the caller's to free. */
static char *resolve(struct http_span base, struct http_span ref, size_t cap,
                     size_t *len)
{
    char *out = malloc(cap + 1); /* of 0 bytes there may be none */

    PROMISE(out != NULL);
    if (http_url_resolve(base, ref, out + 1, cap, len) == HTTP_OK) {
        PROMISE(*len <= cap);
        return out;
    }
    free(out);
    return NULL;
}

static bool has_dots(struct http_span path)
{
    for (size_t i = 0; i < path.len; i++) {
        size_t dots = 0;

        while (path.at[i] == '/' && i + 1 + dots < path.len
               && path.at[i + 1 + dots] == '.')
            dots++;
        if ((dots == 1 || dots == 2) && (i + 1 + dots == path.len
                                         || path.at[i + 1 + dots] == '/'))
            return true;
    }
    return false;
}

/* An empty reference is the base as it stands, dots and all (3986 5.2.2), so
 * once more is allowed to change it. */
static void check_settled(struct http_span base, struct http_span absolute)
{
    struct http_url url;
    size_t n, m;
    char *once = resolve(base, absolute, absolute.len + 4, &n);
    char *twice;

    PROMISE(once != NULL);
    twice = resolve(base, (struct http_span){ once + 1, n }, n + 4, &m);
    PROMISE(twice != NULL && n == m && memcmp(once + 1, twice + 1, n) == 0);
    PROMISE(http_url_parse(&url, (struct http_span){ once + 1, n })
            != HTTP_OK || !has_dots(url.path));
    free(once);
    free(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size == 0 ? NULL : memchr(data, '\n', size);
    size_t middle = end == NULL ? size : (size_t)(end - data), len, n;
    struct http_span base = { (const char *)data, middle };
    struct http_span ref = { (const char *)data + middle,
                             size - middle };
    struct http_url url;
    char *result, *again;

    if (end != NULL) {
        ref.at++;
        ref.len--;
    }
    result = resolve(base, ref, size + 4, &len); /* "//", ":" and "/" */
    PROMISE(result != NULL);
    again = resolve(base, ref, fuzz_seed(data, size) % (size + 4), &n);
    PROMISE(again == NULL || (n == len
                              && memcmp(result + 1, again + 1, len) == 0));
    free(again);
    if (http_url_parse(&url, base) == HTTP_OK)
        check_settled(base, (struct http_span){ result + 1, len });
    free(result);
    return 0;
}
