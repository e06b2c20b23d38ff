/* sigpipe.c - a peer that leaves, and a server that dies of it.
 *
 * send() without MSG_NOSIGNAL into a connection that is broken: the kernel
 * does not only say EPIPE, it first sends SIGPIPE, and that kills.
 */
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

static void answer(int fd)
{
    send(fd, "ONE\n", 4, 0); /* MSG_NOSIGNAL is missing */
    printf("the server goes on\n");
    fflush(stdout);
}

int main(void)
{
    int fds[2], status = 0;
    pid_t server;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        return 2;
    close(fds[1]); /* the client does not wait for its answer */
    server = fork();
    if (server == 0) {
        answer(fds[0]);
        _exit(0);
    }
    if (server < 0 || waitpid(server, &status, 0) != server)
        return 2;
    close(fds[0]);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGPIPE)
        return 0;
    printf("one client left early, and SIGPIPE killed the server\n");
    return 1;
}
