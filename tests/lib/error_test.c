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

static bool ends_in(const char *text, const char *end)
{
    return strlen(text) >= strlen(end)
        && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

/* By both functions: the operation is left, the end of the object, and
 * every word of the cause. */
TEST(a_long_object_loses_its_middle_the_cause_nothing)
{
    struct error errors[2];

    error_set_errno(&errors[0], ECONNREFUSED, "connect %s", long_path);
    error_set(&errors[1], E_USER, "connect %s: %s", long_path,
              "Connection refused");
    for (int i = 0; i < 2; i++) {
        CHECK_INT(sizeof errors[i].text - 1, strlen(errors[i].text));
        CHECK(strncmp(errors[i].text, "connect /a/very/", 16) == 0);
        CHECK(strstr(errors[i].text, "..") != NULL);
        CHECK(ends_in(errors[i].text, "sixty/bytes: Connection refused"));
    }
}

TEST(the_cause_is_what_follows_the_last_colon)
{
    struct error error;

    error_set(&error, E_USER, "read head: %s%s: the end", long_path,
              long_path);
    CHECK(strncmp(error.text, "read head: /a/", 14) == 0);
    CHECK(ends_in(error.text, "sixty/bytes: the end"));
}

TEST(a_cause_too_long_itself_leaves_the_operation)
{
    struct error error;

    error_set(&error, E_USER, "connect %s: %s", long_path, long_path);
    CHECK_INT(sizeof error.text - 1, strlen(error.text));
    CHECK(strncmp(error.text, "connect..y/bytes: /a/", 21) == 0);
    error_set(&error, E_USER, "x: %s", long_path);
    CHECK_INT(sizeof error.text - 1, strlen(error.text));
    CHECK(strncmp(error.text, "x: /a/very", 10) == 0);
}

TEST(a_long_sentence_without_a_cause_loses_its_middle_too)
{
    struct error error;

    error_set(&error, E_USER, "%s%s%s%s%s", long_path, long_path, long_path,
              long_path, long_path);
    CHECK_INT(sizeof error.text - 1, strlen(error.text));
    CHECK(ends_in(error.text, "into/sixty/bytes"));
    CHECK(strstr(error.text, "..") != NULL);
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
    CHECK_STR("ENOBUFS", error_name(ENOBUFS)); /* socket, accept, send, recv */
    CHECK_STR("E_USER", error_name(E_USER + 7));
    CHECK_STR("errno", error_name(999));
    for (int code = E_CANCELLED; code < E_USER; code++)
        CHECK(strncmp(error_name(code), "E_", 2) == 0);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(an_errno_error_names_operation_object_and_cause),
        ENTRY(a_long_object_loses_its_middle_the_cause_nothing),
        ENTRY(the_cause_is_what_follows_the_last_colon),
        ENTRY(a_cause_too_long_itself_leaves_the_operation),
        ENTRY(a_long_sentence_without_a_cause_loses_its_middle_too),
        ENTRY(what_just_fits_is_not_cut),
        ENTRY(codes_have_names_and_unknown_ones_too),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
