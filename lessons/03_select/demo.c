/* demo.c - the same clients, a server that sleeps for all of them. */
#include "01_blocking/client.h"
#include "03_select/select.h"

int main(int argc, char **argv)
{
    return clients_run(argc, argv, "one thread, many sockets, and sleep",
                       serve_select);
}
