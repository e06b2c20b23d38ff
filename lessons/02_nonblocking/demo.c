/* demo.c - the same clients, a server that never sleeps. */
#include "01_blocking/client.h"
#include "02_nonblocking/nonblocking.h"

int main(int argc, char **argv)
{
    return clients_run(argc, argv, "nobody waits, and nobody sleeps",
                       serve_nonblocking);
}
