/* demo.c - one slow client in front of a server that blocks. */
#include "01_blocking/blocking.h"
#include "01_blocking/client.h"

int main(int argc, char **argv)
{
    return clients_run(argc, argv, "one slow client stops everyone",
                       serve_blocking);
}
