/* 18_fetchall_tool.c - the tool of lesson 18 as a program: what it says, to
 * whom, how it ends, and what it leaves in a folder. In virtual time where
 * nobody outside of it has to do anything.
 */
#include "check.h"
#include "terminal.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS = 12 };

static void start(struct terminal *tool, int columns,
                  const char *const *words)
{
    const char *argv[WORDS + 2] = { TOOL };

    for (int i = 0; words[i] != NULL && i < WORDS; i++)
        argv[i + 1] = words[i];
    terminal_open(tool, columns, argv);
}

#define ARGS(...) (const char *const[]){ __VA_ARGS__, NULL }

/* Runs it to its end; the status must be that, and all it says, on both
 * streams, have these words. */
static void run(int status, const char *words, const char *const *args)
{
    struct terminal tool;

    start(&tool, 0, args);
    terminal_expect(&tool, words);
    CHECK_INT(status, terminal_end(&tool));
    terminal_close(&tool);
}

/* The same, and not one byte more: a line or two. */
static void says(int status, const char *text, const char *const *args)
{
    struct terminal tool;

    start(&tool, 0, args);
    CHECK_INT(status, terminal_end(&tool));
    CHECK_STR(text, tool.said != NULL ? tool.said : "");
    terminal_close(&tool);
}

#define HEAD "status     bytes tries    time  URL\n"

/* ---- How it ends. ---- */

TEST(all_well_is_0)
{
    says(0, HEAD
         "   200         6     1    0.50  /delay/0.5\n"
         "   200       100     1    0.00  /bytes/100\n"
         "   200         6     3    3.03  /flaky/2\n"
         "3 ok, 0 failed; 112 bytes in 3.53 s, 1 connection\n",
         ARGS("--speed", "max", "--limit", "1", "/delay/0.5", "/bytes/100",
              "/flaky/2"));
}

TEST(one_that_failed_is_1)
{
    run(1, "1 ok, 1 failed", ARGS("--speed", "max", "/", "/status/404"));
    run(1, "0 ok, 1 failed", ARGS("--speed", "max", "--retries", "0",
                                  "/drop"));
    run(1, "argument:1: a URL begins with", ARGS("--speed", "max",
                                                 "example.com", "/"));
}

TEST(wrong_words_are_2_and_one_line)
{
    says(2, "18_fetchall: --limit 0: not 1 to 10000\n",
         ARGS("--limit", "0", "/"));
    says(2, "18_fetchall: --limit 10001: not 1 to 10000\n",
         ARGS("--limit", "10001", "/"));
    says(2, TOOL ": 5s: not seconds, 0.001 to 999999 (see --help)\n",
         ARGS("--timeout", "5s", "/"));
    says(2, TOOL ": 0: not seconds, 0.001 to 999999 (see --help)\n",
         ARGS("--total", "0", "/"));
    says(2, "18_fetchall: --from /nowhere/list: No such file or directory\n",
         ARGS("--from", "/nowhere/list"));
    says(2, "18_fetchall: open /dev/null: Not a directory\n",
         ARGS("--output", "/dev/null", "/"));
}

TEST(without_openssl_https_is_one_url_that_fails)
{
    setenv("PATH", "/nowhere", 1);
    says(1, HEAD
         "     -         0     1    0.00  https://127.0.0.1/  https: no "
         "openssl on PATH\n"
         "   200         6     1    0.00  /\n"
         "1 ok, 1 failed; 6 bytes in 0.00 s, 2 connections\n",
         ARGS("--speed", "max", "--limit", "1", "https://127.0.0.1/", "/"));
}

TEST(time_is_up_for_all_of_it)
{
    says(1, HEAD
         "   200         6     1    1.00  /delay/1\n"
         "     -         0     1    2.50  /delay/9  cancelled\n"
         "1 ok, 0 failed, 1 cancelled; 6 bytes in 2.50 s, 2 connections\n"
         "18_fetchall: timeout: not done within 2.500 s\n",
         ARGS("--speed", "max", "--limit", "2", "--total", "2.5",
              "/delay/1", "/delay/9"));
}

/* ---- The list. ---- */

static char root[64];

static const char *path(const char *name)
{
    static char paths[4][128];
    static int next;

    next = (next + 1) % 4;
    snprintf(paths[next], sizeof paths[next], "%s/%s", root, name);
    return paths[next];
}

static void open_root(void)
{
    strcpy(root, "/tmp/awaitlab-fetchall-XXXXXX");
    CHECK(mkdtemp(root) != NULL);
}

static void close_root(void)
{
    char command[128];

    snprintf(command, sizeof command, "rm -rf '%s'", root);
    CHECK_INT(0, system(command));
}

static void write_list(const char *text)
{
    FILE *file = fopen(path("list"), "w");

    CHECK(file != NULL && fputs(text, file) >= 0);
    CHECK_INT(0, fclose(file));
}

TEST(a_bad_line_of_a_file_is_one_message)
{
    char words[160];

    open_root();
    write_list("# two good ones\n/\nhttp://:80/\n\n/bytes/7");
    snprintf(words, sizeof words, "%s/list:3: there is no host\n",
             root);
    run(1, words, ARGS("--speed", "max", "--from", path("list")));
    run(1, "2 ok, 1 failed; 13 bytes", ARGS("--speed", "max", "--from",
                                            path("list")));
    close_root();
}

TEST(a_thousand_urls_go_over_a_hundred_connections)
{
    FILE *file;

    open_root();
    file = fopen(path("list"), "w");
    CHECK(file != NULL);
    for (int i = 0; i < 1000; i++)
        fprintf(file, "/bytes/%d\n", i);
    CHECK_INT(0, fclose(file));
    run(0, "1000 ok, 0 failed; 499500 bytes in",
        ARGS("--speed", "max", "--from", path("list")));
    run(0, " 100 connections\n",
        ARGS("--speed", "max", "--from", path("list")));
    close_root();
}

TEST(what_cannot_be_written_is_no_success)
{
    char words[200];

    if (access("/dev/full", W_OK) != 0)
        SKIP("no /dev/full");
    snprintf(words, sizeof words, "%s / > /dev/full 2> /dev/null", TOOL);
    CHECK_INT(1, WEXITSTATUS(system(words)));
}

TEST(standard_input_is_fetched_as_it_comes)
{
    struct terminal tool;

    start(&tool, 0, ARGS("--from", "-"));
    terminal_type(&tool, "/bytes/5\n/byt");
    terminal_expect(&tool, "  /bytes/5\n");
    terminal_type(&tool, "es/6\n");
    terminal_expect(&tool, "  /bytes/6\n");
    terminal_hang_up(&tool);
    terminal_expect(&tool, "2 ok, 0 failed; 11 bytes");
    CHECK_INT(0, terminal_end(&tool));
    terminal_close(&tool);
}

TEST(a_terminal_is_left_as_it_was)
{
    struct terminal tool;

    start(&tool, 80, ARGS("--from", "-"));
    terminal_type(&tool, "/bytes/5\n");
    terminal_expect(&tool, "  /bytes/5");
    terminal_type(&tool, "\004");
    terminal_expect(&tool, "1 ok");
    CHECK_INT(0, terminal_end(&tool));
    CHECK_INT(0, fcntl(tool.slave, F_GETFL) & O_NONBLOCK);
    terminal_close(&tool);
}

/* ---- What it says to whom. ---- */

TEST(a_terminal_sees_a_bar_that_goes_away)
{
    struct terminal tool;

    start(&tool, 80, ARGS("/", "/delay/0.2", "/delay/0.4"));
    terminal_expect(&tool, "  /\r\n");
    terminal_expect(&tool, "\r[######..............] 1 of 3");
    terminal_expect(&tool, "\r\033[K   200"); /* and the next row */
    terminal_expect(&tool, "3 ok");
    CHECK_INT(0, terminal_end(&tool));
    CHECK(strstr(tool.said + tool.seen, "[#") == NULL);
    terminal_close(&tool);
}

static void sees_no_bar(int columns, const char *const *args)
{
    struct terminal tool;

    start(&tool, columns, args);
    terminal_expect(&tool, "3 ok");
    CHECK_INT(0, terminal_end(&tool));
    CHECK(strstr(tool.said, "[#") == NULL);
    CHECK(strstr(tool.said, "\033") == NULL);
    terminal_close(&tool);
}

TEST(a_pipe_sees_no_bar_and_neither_do_the_quiet)
{
    sees_no_bar(0, ARGS("/", "/delay/0.2", "/delay/0.4"));
    sees_no_bar(80, ARGS("--quiet", "/", "/delay/0.2", "/delay/0.4"));
}

TEST(json_is_a_line_for_each_and_nothing_else)
{
    says(1, "{\"url\": \"/bytes/5\", \"status\": 200, \"bytes\": 5, \"tries\""
         ": 1, \"seconds\": 0.000}\n"
         "{\"url\": \"/garbage\", \"status\": 0, \"bytes\": 0, \"tries\": 1, "
         "\"seconds\": 0.000, \"error\": \"E_PROTOCOL\", \"words\": "
         "\"http://127.0.0.1:..: expected \\\"HTTP/1.1\\\" here, in "
         "capitals\"}\n",
         ARGS("--speed", "max", "--limit", "1", "--json", "/bytes/5",
              "/garbage"));
}

TEST(the_same_seed_is_the_same_run)
{
    struct terminal one, same, other;
    const char *const *args = ARGS("--speed", "max", "--limit", "3",
                                   "--seed", "7");

    start(&one, 0, args);
    start(&same, 0, args);
    start(&other, 0, ARGS("--speed", "max", "--limit", "3", "--seed", "8"));
    CHECK_INT(1, terminal_end(&one));
    CHECK_INT(1, terminal_end(&same));
    CHECK_INT(1, terminal_end(&other));
    CHECK_STR(one.said, same.said);
    CHECK(strcmp(one.said, other.said) != 0);
    terminal_close(&one);
    terminal_close(&same);
    terminal_close(&other);
}

/* ---- Bodies. ---- */

/* Says the name and size of each file in root/pages. */
static void look(void)
{
    struct dirent **names;
    int n = scandir(path("pages"), &names, NULL, alphasort);

    for (int i = 0; i < n; i++) {
        char file[512];
        struct stat about;

        snprintf(file, sizeof file, "%s/pages/%.200s", root,
                 names[i]->d_name);
        CHECK_INT(0, stat(file, &about));
        if (S_ISREG(about.st_mode))
            say("%.5s ...%s: %d", names[i]->d_name,
                strrchr(names[i]->d_name, '-'), (int)about.st_size);
        free(names[i]);
    }
    free(names);
}

TEST(bodies_are_kept_each_under_its_own_name)
{
    open_root();
    run(1, "4 ok, 1 failed", ARGS("--speed", "max", "--output",
        path("pages"), "/bytes/50000", "/status/404", "/bytes/50000",
        "/chunked/7", "/redirect/1"));
    look();
    CHECK_LOG("00001 ...-50000: 50000\n" "00003 ...-50000: 50000\n"
              "00004 ...-7: 7\n" "00005 ...-1: 6\n");
    close_root();
}

/* A listener, and the URL of something on it. */
static int listen_here(char url[static 64])
{
    struct sockaddr_in name = { .sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof name;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    CHECK(fd >= 0);
    CHECK_INT(0, bind(fd, (struct sockaddr *)&name, length));
    CHECK_INT(0, listen(fd, 8));
    CHECK_INT(0, getsockname(fd, (struct sockaddr *)&name, &length));
    snprintf(url, 64, "http://127.0.0.1:%u/half", ntohs(name.sin_port));
    return fd;
}

/* The connection of one request, to which half of an answer was said. */
static int say_half(int listener)
{
    static const char half[] = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
                               "half";
    char request[1024];
    int fd = accept(listener, NULL, NULL);

    CHECK(fd >= 0 && recv(fd, request, sizeof request, 0) > 0);
    CHECK_INT(sizeof half - 1, send(fd, half, sizeof half - 1, 0));
    return fd;
}

/* Until the four bytes are in a part; at most 20 s. */
static void wait_for_part(void)
{
    char command[160];
    int i = 0;

    snprintf(command, sizeof command, "cat '%s'/*.part 2>/dev/null | "
             "grep -q half", path("pages"));
    while (system(command) != 0) {
        CHECK(i++ < 1000);
        poll(NULL, 0, 20);
    }
}

TEST(ctrl_c_tells_of_each_and_leaves_no_part)
{
    struct terminal tool;
    char url[64];
    int listener = listen_here(url), connection;

    open_root();
    start(&tool, 0, ARGS("--output", path("pages"), "--limit", "2",
                         "/bytes/1000", "/delay/30", url, "/never"));
    terminal_expect(&tool, "  /bytes/1000\n");
    connection = say_half(listener);
    wait_for_part();
    kill(tool.pid, SIGINT);
    terminal_expect(&tool, "1 ok, 0 failed, 2 cancelled;");
    terminal_expect(&tool, "the list goes on\n");
    terminal_expect(&tool, "18_fetchall: interrupted\n");
    CHECK_INT(130, terminal_end(&tool));
    CHECK(strstr(tool.said, "/delay/30  cancelled\n") != NULL);
    CHECK(strstr(tool.said, "/half  cancelled\n") != NULL);
    CHECK(strstr(tool.said, "/never") == NULL);
    terminal_close(&tool);
    close(connection);
    close(listener);
    look();
    CHECK_LOG("00001 ...-1000: 1000\n");
    close_root();
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(all_well_is_0),
        ENTRY(one_that_failed_is_1),
        ENTRY(wrong_words_are_2_and_one_line),
        ENTRY(without_openssl_https_is_one_url_that_fails),
        ENTRY(time_is_up_for_all_of_it),
        ENTRY(a_bad_line_of_a_file_is_one_message),
        ENTRY(a_thousand_urls_go_over_a_hundred_connections),
        ENTRY(what_cannot_be_written_is_no_success),
        ENTRY(standard_input_is_fetched_as_it_comes),
        ENTRY(a_terminal_is_left_as_it_was),
        ENTRY(a_terminal_sees_a_bar_that_goes_away),
        ENTRY(a_pipe_sees_no_bar_and_neither_do_the_quiet),
        ENTRY(json_is_a_line_for_each_and_nothing_else),
        ENTRY(the_same_seed_is_the_same_run),
        ENTRY(bodies_are_kept_each_under_its_own_name),
        ENTRY(ctrl_c_tells_of_each_and_leaves_no_part),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
