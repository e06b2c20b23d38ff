/* error_test.c - errors are values: their words, and the cut. */
#include "actors.h"

#include <errno.h>
#include <string.h>

static char long_path[] =
    "/a/very/long/path/to/a/socket/that/does/not/fit/into/sixty/bytes";

TEST(an_errno_error_names_operation_object_and_cause)
{
    struct error error;

    error_set_errno(&error, ECONNREFUSED, "connect %s", "127.0.0.1:9");
    CHECK_CODE(ECONNREFUSED, error.code);
    CHECK_STR("connect 127.0.0.1:9: Connection refused", error.text);
}

TEST(a_long_object_is_cut_the_cause_never)
{
    struct error error;
    const char *cause = "..: Connection refused";
    size_t n;

    error_set_errno(&error, ECONNREFUSED, "connect %s", long_path);
    n = strlen(error.text);
    CHECK_INT(sizeof error.text - 1, n);
    CHECK(strncmp(error.text, "connect /a/very/", 16) == 0);
    CHECK_STR(cause, error.text + n - strlen(cause));
}

TEST(a_long_sentence_ends_in_dots)
{
    struct error error;

    error_set(&error, E_USER, "%s%s%s%s%s", long_path, long_path, long_path,
              long_path, long_path);
    CHECK_INT(sizeof error.text - 1, strlen(error.text));
    CHECK_STR("..", error.text + strlen(error.text) - 2);
}

TEST(what_just_fits_is_not_cut)
{
    struct error error;
    char text[60];

    memset(text, 'x', sizeof text - 1);
    text[59] = '\0';
    error_set(&error, E_USER, "%s", text);
    CHECK_STR(text, error.text);
    text[59 - strlen(": Invalid argument")] = '\0';
    error_set_errno(&error, EINVAL, "%s", text);
    CHECK(strstr(error.text, "xx: Invalid argument") != NULL);
    CHECK(strstr(error.text, "..") == NULL);
}

TEST(codes_have_names_and_unknown_ones_too)
{
    CHECK_STR("OK", error_name(0));
    CHECK_STR("E_TIMEOUT", error_name(E_TIMEOUT));
    CHECK_STR("ECONNREFUSED", error_name(ECONNREFUSED));
    CHECK_STR("E_USER", error_name(E_USER + 7));
    CHECK_STR("errno", error_name(999));
    for (int code = E_CANCELLED; code < E_USER; code++)
        CHECK(strncmp(error_name(code), "E_", 2) == 0);
}

TEST(both_kinds_of_timeout_are_timeouts)
{
    CHECK(error_is_timeout(E_TIMEOUT));
    CHECK(error_is_timeout(E_SERVER_TIMEOUT));
    CHECK(!error_is_timeout(ETIMEDOUT));
    CHECK(!error_is_timeout(0));
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(an_errno_error_names_operation_object_and_cause),
        ENTRY(a_long_object_is_cut_the_cause_never),
        ENTRY(a_long_sentence_ends_in_dots),
        ENTRY(what_just_fits_is_not_cut),
        ENTRY(codes_have_names_and_unknown_ones_too),
        ENTRY(both_kinds_of_timeout_are_timeouts),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
