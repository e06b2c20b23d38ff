/* double_close.c - Alice's socket is closed twice: once where her error was
 * seen, once by the cleanup that nobody had told. In between the number
 * went to Bob; so it is Bob who is closed, and whoever comes next gets the
 * number that the server believes to be his.
 *
 * No loop is needed: the kernel gives out the lowest free number.
 */
#include "loop/loop.h"
#include "loop/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int listener;
static struct address address;

static int call_up(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0 || connect(fd, (const struct sockaddr *)&address.storage,
                          address.length) != 0) {
        perror("connect");
        exit(2);
    }
    return fd;
}

static int accept_next(const char *who, int before)
{
    int fd = accept(listener, NULL, NULL);

    printf("%s is accepted%s\n", who,
           fd == before ? ", and gets the same number" : "");
    return fd;
}

int main(void)
{
    struct error error;
    struct loop loop;
    int callers[3], alice, bob, carol;
    char letter[32] = "";

    if (loop_open(&loop, &(struct loop_options){ 0 }, &error) != 0
        || address_parse(&address, "127.0.0.1", 0, &error) != 0
        || net_listen(&loop, &address, 3, &listener, &error) != 0)
        return 2;
    for (int i = 0; i < 3; i++)
        callers[i] = call_up();
    alice = accept_next("Alice", -1);
    puts("Alice fails: close");
    close(alice);
    bob = accept_next("Bob", alice);
    puts("Alice's cleanup: close, once more");
    close(alice);
    carol = accept_next("Carol", bob);
    puts("the server writes \"for Bob's eyes only\" to Bob");
    (void)!write(bob, "for Bob's eyes only", 19);
    (void)!read(callers[2], letter, sizeof letter - 1);
    printf("Carol reads \"%s\"\n", letter);
    for (int i = 0; i < 3; i++)
        close(callers[i]);
    close(carol);
    close(listener);
    loop_close(&loop);
    return letter[0] != '\0';
}
