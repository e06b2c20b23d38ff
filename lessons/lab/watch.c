/* watch.c - being written. */
#include "lab/lab.h"

int command_watch(struct lab *lab, int argc, char **argv)
{
    lab_words(lab, argc, argv, NULL, 1);
    lab_refuse(argv[0], "not there yet");
}
