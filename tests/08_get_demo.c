/* 08_get_demo.c - the demo prints what the notebook's cell 2 prints, and
 * its zoo ends as the notebook's does. Ports and addresses are another
 * number each time: they read PORT.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* "127.0.0.1:40123" becomes "127.0.0.1:PORT". */
static void normalise(char *text)
{
    static const struct {
        const char *before, *instead;
    } numbers[] = { { "127.0.0.1:", "PORT" } };

    for (size_t i = 0; i < COUNT(numbers); i++) {
        char *at = text;

        while ((at = strstr(at, numbers[i].before)) != NULL) {
            size_t digits, n = strlen(numbers[i].instead);

            at += strlen(numbers[i].before);
            digits = strspn(at, "0123456789");
            if (digits == 0 || strncmp(at, "99999", 5) == 0)
                continue;
            memmove(at + n, at + digits, strlen(at + digits) + 1);
            memcpy(at, numbers[i].instead, n);
        }
    }
}

static void prints(const char *options, const char *expected)
{
    char command[1024], output[8192];
    size_t n;
    FILE *pipe;

    snprintf(command, sizeof command, "'%s' --speed max --stamps %s 2>&1",
             DEMO, options);
    pipe = popen(command, "r");
    CHECK(pipe != NULL);
    n = fread(output, 1, sizeof output / 2, pipe);
    output[n] = '\0';
    CHECK_INT(0, WEXITSTATUS(pclose(pipe)));
    normalise(output);
    check_lines(__FILE__, __LINE__, "the demo's output", expected, output);
}

TEST(one_get_prints_the_five_lines_of_cell_2)
{
    prints("--only fetch",
           "    0 | starting main()\n"
           "    0 | starting fetch_status(http://127.0.0.1:PORT/)\n"
           "    0 | finished fetch_status in 0.0000 second(s)\n"
           "    0 | Status for http://127.0.0.1:PORT/ was 200\n"
           "    0 | finished main in 0.0000 second(s)\n");
}

TEST(the_zoo_ends_as_the_notebooks_does__H19_H20_H21)
{
    prints("--only zoo --quiet",
           "    0 | python://www.example.com -> AssertionError()\n"
           "    0 | http:// -> InvalidURL(http://: there is no host)\n"
           "    0 | www.example.com -> InvalidURL(www.example.com: a URL "
           "begins with \"http://\")\n"
           "    0 | http://127.0.0.1:99999/ -> InvalidURL(http://127.0.0.1:"
           "99999/: a port is at most 65535)\n"
           "    0 | ftp://127.0.0.1/ -> AssertionError()\n"
           "    0 | http://127.0.0.1:PORT/drop -> ServerDisconnectedError("
           "http://1..: the connection closed before any response byte)\n"
           "    0 | http://127.0.0.1:PORT/rst -> ClientOSError(recv at "
           "127.0.0.1:PORT: Connection reset by peer)\n"
           "    0 | http://127.0.0.1:PORT/garbage -> ClientResponseError("
           "http://127.0.0.1:..: expected \"HTTP/1.1\" here, in capitals)\n"
           "    0 | http://127.0.0.1:PORT/status/404 -> status 404\n"
           "    0 | http://127.0.0.1:PORT/ -> ClientConnectorError(connect "
           "127.0.0.1:PORT: Connection refused)\n");
}

TEST(a_hundred_gets_are_a_hundred_connections)
{
    prints("--only hundred --quiet",
           "    0 | 100 GETs, 100 connections\n");
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(one_get_prints_the_five_lines_of_cell_2),
        ENTRY(the_zoo_ends_as_the_notebooks_does__H19_H20_H21),
        ENTRY(a_hundred_gets_are_a_hundred_connections),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
