/* demo.c - the same clients, poll() and a buffer for each. */
#include "01_blocking/client.h"
#include "04_poll/poll.h"

int main(int argc, char **argv)
{
    return clients_run(argc, argv, "interest on demand, a buffer per client",
                       serve_poll);
}
