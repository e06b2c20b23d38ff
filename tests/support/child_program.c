/* child_program.c - the children of 17_https.c: one that echoes, floods, dies,
 * will not die; and one that stands in for openssl and speaks plain text
 * instead of TLS. (Without sanitizers: they take ten milliseconds to start.)
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BYTES = 16384 };

/* Or until a test that has failed is long over. */
_Noreturn static void wait_for_ever(void)
{
    alarm(30);
    for (;;)
        pause();
}

static void say(int fd, const char *text)
{
    size_t size = strlen(text);

    while (size > 0) {
        ssize_t n = write(fd, text, size);

        if (n < 0)
            _Exit(99);
        text += n;
        size -= (size_t)n;
    }
}

/* Bytes from one fd to another; false at the end. */
static bool move(int from, int to)
{
    static char bytes[BYTES];
    struct pollfd readable = { .fd = from, .events = POLLIN };
    ssize_t n;

    /* A wrong answer may have made it non-blocking: "state" tells. */
    poll(&readable, 1, -1);
    n = read(from, bytes, sizeof bytes - 1);
    if (n <= 0)
        return false;
    bytes[n] = '\0';
    say(to, bytes);
    return true;
}

/* ---- Children of any kind. ---- */

static void list_fds(void)
{
    char line[2048] = "";
    size_t used = 0;

    for (int fd = 0; fd < 256; fd++)
        if (fcntl(fd, F_GETFD) != -1)
            used += (size_t)snprintf(line + used, sizeof line - used, "%d ",
                                     fd);
    say(1, line);
}

static void tell_state(void)
{
    struct sigaction action;
    sigset_t blocked;
    char line[128];

    sigprocmask(SIG_SETMASK, NULL, &blocked);
    sigaction(SIGPIPE, NULL, &action);
    snprintf(line, sizeof line, "%s input, %s group, SIGPIPE %s, SIGUSR1 %s",
             fcntl(0, F_GETFL) & O_NONBLOCK ? "non-blocking" : "blocking",
             getpgrp() == getpid() ? "its own" : "our",
             action.sa_handler == SIG_DFL ? "default" : "ignored",
             sigismember(&blocked, SIGUSR1) ? "blocked" : "open");
    say(1, line);
}

_Noreturn static void child(const char *what, const char *much)
{
    if (strcmp(what, "says") == 0) {
        say(2, "sor"); /* two pieces */
        poll(NULL, 0, 50);
        say(2, "ry");
        _Exit(atoi(much));
    } else if (strcmp(what, "fds") == 0) {
        list_fds();
    } else if (strcmp(what, "state") == 0) {
        tell_state();
    } else if (strcmp(what, "floods") == 0) {
        for (int i = 0; i < atoi(much); i++)
            say(2, "0123456789abcdef0123456789abcdef");
        say(1, "done");
    } else if (strcmp(what, "deaf") == 0) {
        signal(SIGTERM, SIG_IGN);
        say(2, "ready");
        wait_for_ever();
    } else if (strcmp(what, "closes_words") == 0) {
        close(2);
        poll(NULL, 0, 100);
        _Exit(6);
    } else if (strcmp(what, "closes_all") == 0) {
        signal(SIGTERM, SIG_IGN);
        for (int fd = 0; fd < 4; fd++)
            close(fd);
        wait_for_ever();
    } else if (strcmp(what, "closes_output") == 0) {
        close(0);
        close(1);
        say(2, "closed");
        poll(NULL, 0, 100);
        _Exit(5);
    } else if (strcmp(what, "forks") == 0) {
        say(2, fork() == 0 ? "young" : "old");
        wait_for_ever();
    }
    while (move(0, 1)) /* "echoes" */
        continue;
    if (strcmp(what, "echoes") == 0)
        poll(NULL, 0, atoi(much));
    say(2, "bye");
    _Exit(7);
}

/* ---- In openssl's place. ---- */

static const char *value(char **argv, const char *name)
{
    for (; argv[0] != NULL && argv[1] != NULL; argv++)
        if (strcmp(argv[0], name) == 0)
            return argv[1];
    return "";
}

static int connected(const char *to)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char host[64], line[64], *colon;

    snprintf(host, sizeof host, "%s", to);
    colon = strrchr(host, ':');
    if (fd < 0 || colon == NULL)
        _Exit(98);
    *colon = '\0';
    address.sin_port = htons((uint16_t)atoi(colon + 1));
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
        _Exit(97);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    snprintf(line, sizeof line, "connect:errno=%d\n", errno);
    say(2, line);
    _Exit(1);
}

/* Both ways, until our input or the server ends. */
static void pump(int server)
{
    struct pollfd fds[2] = { { .fd = 0, .events = POLLIN },
                             { .fd = server, .events = POLLIN } };
    bool open = true;

    while (open && poll(fds, 2, -1) > 0)
        open = (fds[0].revents == 0 || move(0, server))
            && (fds[1].revents == 0 || move(server, 1));
}

/* A request's head. */
static const char *read_head(void)
{
    static char head[BYTES];
    size_t n = 0;
    ssize_t more = 1;

    while (strstr(head, "\r\n\r\n") == NULL && more > 0) {
        more = read(0, head + n, sizeof head - 1 - n);
        n += more > 0 ? (size_t)more : 0;
    }
    return head;
}

static void answer(const char *fields, const char *body)
{
    char head[256];

    snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\n%s"
             "Content-Length: %zu\r\n\r\n", fields, strlen(body));
    say(1, head);
    say(1, body);
}

static void answer_arguments(char **argv)
{
    char all[1024] = "";

    for (; *argv != NULL; argv++)
        strcat(strcat(all, all[0] != '\0' ? " " : ""), *argv);
    read_head();
    answer("Connection: close\r\n", all);
}

static bool is(const char *mode)
{
    const char *set = getenv("SPEAKER");

    return strcmp(set != NULL ? set : "proxy", mode) == 0;
}

static const char expired[] =
    "depth=0 CN = localhost\n"
    "verify error:num=10:certificate has expired\n"
    "notAfter=Dec  1 09:00:00 2020 GMT\n"
    "407FB6:error:0A000086:SSL routines:tls_post_process_server_certificate:"
    "certificate verify failed:../ssl/statem/statem_clnt.c:1889:\n";
static const char cut[] =
    "40A768:error:0A000126:SSL routines:ssl3_read_n:unexpected eof while "
    "reading:../ssl/record/rec_layer_s3.c:318:\n";

/* $SPEAKER says how it behaves. */
_Noreturn static void s_client(char **argv)
{
    int server;

    if (is("hangs"))
        wait_for_ever();
    server = connected(value(argv, "-connect"));
    if (is("expired")) {
        say(2, expired);
        _Exit(1);
    }
    if (is("silent"))
        _Exit(1);
    say(2, "CONNECTION ESTABLISHED\nProtocol version: TLSv1.3\n");
    if (is("arguments")) {
        answer_arguments(argv);
    } else if (is("head")) {
        answer("Connection: close\r\n", read_head());
    } else if (is("once")) {
        read_head();
        answer("", "once");
    } else if (is("whole") || is("cut")) {
        read_head();
        say(1, "HTTP/1.1 200 OK\r\n\r\nhalf");
        if (is("cut"))
            say(2, cut);
        _Exit(is("cut"));
    } else {
        for (int i = 0; is("floods") && i < 20000; i++)
            say(2, "one more line of chatter\n");
        pump(server);
        if (is("deaf"))
            wait_for_ever();
        if (getenv("SPEAKER_MARK") != NULL) { /* a goodbye takes a while */
            poll(NULL, 0, 50);
            unlink(getenv("SPEAKER_MARK"));
        }
    }
    _Exit(0);
}

int main(int argc, char **argv)
{
    if (argc > 3 && strcmp(argv[1], "child") == 0)
        child(argv[2], argv[3]);
    if (argc > 1 && strcmp(argv[1], "s_client") == 0)
        s_client(argv);
    return 96;
}
