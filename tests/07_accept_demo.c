/* 07_accept_demo.c - what the demo prints, and what signals do to it.
 *
 * The texts are those of the notebook's cell 1 with times ten times as long.
 * Signals need a process of its own and a client that is not ours, so the
 * second half runs in real time; but it only ever waits for a line or for
 * the end of a socket, never for a clock.
 */
#include "check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct demo {
    pid_t pid;
    FILE *out; /* both of its streams */
};

/* Starts the demo with these options. It has ten seconds, so that it does
 * not outlive a test that was stopped. */
static void start(struct demo *demo, const char *options)
{
    char program[] = DEMO, copy[128], *argv[10] = { program };
    int out[2], n = 1;

    strcpy(copy, options);
    for (char *at = strtok(copy, " "); at != NULL; at = strtok(NULL, " "))
        argv[n++] = at;
    CHECK_INT(0, pipe(out));
    demo->pid = fork();
    CHECK(demo->pid >= 0);
    if (demo->pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        dup2(out[1], STDERR_FILENO);
        close(out[0]);
        close(out[1]);
        alarm(10);
        execv(program, argv);
        _exit(127);
    }
    close(out[1]);
    demo->out = fdopen(out[0], "r");
    CHECK(demo->out != NULL);
}

/* The next line must be this one. */
static void expect_line(struct demo *demo, const char *expected)
{
    char line[256] = "";

    CHECK(fgets(line, sizeof line, demo->out) != NULL);
    line[strcspn(line, "\n")] = '\0';
    CHECK_STR(expected, line);
}

/* What it still prints, and its exit status. */
static void expect_end(struct demo *demo, const char *expected, int status)
{
    char rest[4096];
    size_t n = fread(rest, 1, sizeof rest - 1, demo->out);
    int got;

    rest[n] = '\0';
    fclose(demo->out);
    CHECK_INT(demo->pid, waitpid(demo->pid, &got, 0));
    check_lines(__FILE__, __LINE__, "the demo's output", expected, rest);
    CHECK(WIFEXITED(got));
    CHECK_INT(status, WEXITSTATUS(got));
}

/* --- The notebook's lines ------------------------------------------------ */

static void prints(const char *ending, const char *expected)
{
    char options[64] = "--speed max --stamps --ending ";
    struct demo demo;

    start(&demo, strcat(options, ending));
    expect_end(&demo, expected, 0);
}

TEST(return_prints_the_five_lines_of_cell_1)
{
    prints("return",
           "    0 | Entering context manager, waiting for connection\n"
           "  500 | Accepted a connection\n"
           " 1000 | b'\\x1b[A'\n"
           " 1000 | Exiting context manager\n"
           " 1000 | Closed connection\n"
           " 1000 | peer: read after server side finished: b''\n");
}

TEST(error_prints_what_the_cell_with_an_exception_prints)
{
    prints("error",
           "    0 | Entering context manager, waiting for connection\n"
           "  500 | Accepted a connection\n"
           " 1000 | Exiting context manager\n"
           " 1000 | Closed connection\n"
           " 1000 | caught ValueError(b'boom')\n"
           " 1000 | peer: read after server side finished: b''\n");
}

TEST(cancel_prints_what_the_cell_cancelled_in_its_body_prints)
{
    prints("cancel",
           "    0 | Entering context manager, waiting for connection\n"
           "  500 | Accepted a connection\n"
           " 1500 | cancel -> True\n"
           " 1500 | Exiting context manager\n"
           " 1500 | Closed connection\n"
           " 1500 | caught CancelledError\n"
           " 1500 | peer: read after server side finished: b''\n");
}

TEST(cancel_early_prints_what_the_cell_cancelled_in_enter_prints)
{
    prints("cancel-early",
           "    0 | Entering context manager, waiting for connection\n"
           " 1000 | cancel -> True\n"
           " 1000 | caught CancelledError; __aexit__ was NOT run\n");
}

TEST(a_second_cancel_skips_the_log_entry_and_a_shield_keeps_it)
{
#define CANCELLED_TWICE                                                   \
    "    0 | Entering context manager, waiting for connection\n"          \
    "  500 | Accepted a connection\n"                                     \
    " 1500 | cancel -> True\n"                                            \
    " 1500 | Exiting context manager\n"                                   \
    " 2000 | cancel -> True\n"                                            \
    " 2000 | Closed connection\n"                                         \
    " 2000 | caught CancelledError\n"                                     \
    " 2000 | peer: read after server side finished: b''\n"
    prints("cancel-twice", CANCELLED_TWICE);
    prints("shield", CANCELLED_TWICE " 2500 | Wrote the log entry\n");
}

TEST(nested_managers_exit_in_reverse_order)
{
    prints("nested",
           "    0 | outer: Entering context manager, waiting for connection\n"
           "  500 | outer: Accepted a connection\n"
           "  500 |   inner: Entering context manager, waiting for "
           "connection\n"
           "  500 |   inner: Accepted a connection\n"
           " 1000 | b'\\x1b[A'\n"
           " 1000 |   inner: Exiting context manager\n"
           " 1000 |   inner: Closed connection\n"
           " 1000 | outer: Exiting context manager\n"
           " 1000 | outer: Closed connection\n"
           " 1000 | peer: read after server side finished: b''\n"
           " 1000 | peer: read after server side finished: b''\n");
}

TEST(a_suppressing_exit_leaves_nothing_to_catch)
{
    prints("suppress",
           "    0 | Entering context manager, waiting for connection\n"
           "  500 | Accepted a connection\n"
           " 1000 | Exiting context manager\n"
           " 1000 | Closed connection\n"
           " 1000 | caught nothing: the exit suppressed it\n"
           " 1000 | peer: read after server side finished: b''\n");
}

TEST(an_unknown_ending_is_refused)
{
    struct demo demo;

    start(&demo, "--ending badly");
    expect_end(&demo, "07_accept: --ending badly: no such way out\n", 2);
}

/* --- A client with blocking sockets, and Ctrl-C -------------------------- */

/* The port in "listening on 127.0.0.1:N". */
static unsigned expect_port(struct demo *demo)
{
    static const char words[] = "listening on 127.0.0.1:";
    char line[256] = "";

    CHECK(fgets(line, sizeof line, demo->out) != NULL);
    CHECK(strncmp(line, words, strlen(words)) == 0);
    return (unsigned)atoi(line + strlen(words));
}

/* A connected socket, or -1. */
static int call_up(unsigned port)
{
    struct sockaddr_in name = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    name.sin_port = htons((unsigned short)port);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (const struct sockaddr *)&name, sizeof name) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Starts it and connects; it is in its body now. */
static int accepted(struct demo *demo, const char *options)
{
    unsigned port;
    int fd;

    start(demo, options);
    port = expect_port(demo);
    expect_line(demo, "Entering context manager, waiting for connection");
    fd = call_up(port);
    CHECK(fd >= 0);
    expect_line(demo, "Accepted a connection");
    return fd;
}

static void reads_the_end(int fd)
{
    char byte;

    CHECK_INT(0, recv(fd, &byte, 1, 0));
    close(fd);
}

TEST(ctrl_c_runs_the_exit_and_the_status_is_130__X01)
{
    struct demo demo;
    int fd = accepted(&demo, "--port 0 --ending return");

    kill(demo.pid, SIGINT);
    reads_the_end(fd);
    expect_end(&demo, "Exiting context manager\n"
                      "Closed connection\n"
                      "07_accept: interrupted\n", 130);
}

TEST(ctrl_c_while_it_waits_has_nothing_to_close__X01_C02)
{
    struct demo demo;

    start(&demo, "--port 0");
    expect_port(&demo);
    expect_line(&demo, "Entering context manager, waiting for connection");
    kill(demo.pid, SIGINT);
    expect_end(&demo, "07_accept: interrupted\n", 130);
}

TEST(a_swallowed_ctrl_c_is_no_interruption__X02)
{
    struct demo demo;
    int fd = accepted(&demo, "--port 0 --ending suppress");

    kill(demo.pid, SIGINT);
    reads_the_end(fd);
    expect_end(&demo, "Exiting context manager\n"
                      "Closed connection\n"
                      "caught nothing: the exit suppressed it\n", 0);
}

/* The goodbye would take 100 s. */
TEST(a_second_ctrl_c_does_not_wait_for_the_goodbye__X03)
{
    struct demo demo;
    int fd = accepted(&demo, "--port 0 --ending bye --speed 0.01");

    kill(demo.pid, SIGINT);
    expect_line(&demo, "Exiting context manager");
    kill(demo.pid, SIGINT);
    reads_the_end(fd);
    expect_end(&demo, "Closed connection\n07_accept: interrupted\n", 130);
}

TEST(a_client_that_talks_gets_its_line_printed)
{
    struct demo demo;
    int fd = accepted(&demo, "--port 0 --ending return");

    CHECK_INT(3, send(fd, "\033[A", 3, MSG_NOSIGNAL));
    reads_the_end(fd);
    expect_end(&demo, "b'\\x1b[A'\n"
                      "Exiting context manager\n"
                      "Closed connection\n", 0);
}

TEST(ctrl_c_ends_a_server_of_three_clients__X01)
{
    struct demo demo;
    unsigned port;
    char byte = 0;
    int fds[3];

    start(&demo, "--serve --port 0");
    port = expect_port(&demo);
    for (int i = 0; i < 3; i++) {
        fds[i] = call_up(port);
        CHECK_INT(1, send(fds[i], "x", 1, MSG_NOSIGNAL));
        CHECK_INT(1, recv(fds[i], &byte, 1, 0));
        CHECK_INT('x', byte);
    }
    kill(demo.pid, SIGINT);
    for (int i = 0; i < 3; i++)
        reads_the_end(fds[i]);
    expect_end(&demo, "07_accept: interrupted\n", 130);
    CHECK_INT(-1, call_up(port));
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(return_prints_the_five_lines_of_cell_1),
        ENTRY(error_prints_what_the_cell_with_an_exception_prints),
        ENTRY(cancel_prints_what_the_cell_cancelled_in_its_body_prints),
        ENTRY(cancel_early_prints_what_the_cell_cancelled_in_enter_prints),
        ENTRY(a_second_cancel_skips_the_log_entry_and_a_shield_keeps_it),
        ENTRY(nested_managers_exit_in_reverse_order),
        ENTRY(a_suppressing_exit_leaves_nothing_to_catch),
        ENTRY(an_unknown_ending_is_refused),
        ENTRY(ctrl_c_runs_the_exit_and_the_status_is_130__X01),
        ENTRY(ctrl_c_while_it_waits_has_nothing_to_close__X01_C02),
        ENTRY(a_swallowed_ctrl_c_is_no_interruption__X02),
        ENTRY(a_second_ctrl_c_does_not_wait_for_the_goodbye__X03),
        ENTRY(a_client_that_talks_gets_its_line_printed),
        ENTRY(ctrl_c_ends_a_server_of_three_clients__X01),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
