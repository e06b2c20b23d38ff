/* client.h - the clients that lessons 01 to 04 are tried with, and the show
 * that every demo of them is: one slow client, some quick ones. */
#ifndef LAB_CLIENT_H
#define LAB_CLIENT_H

/* A server: lessons 01 to 04 have one each. */
typedef int serve_function(int listener, int clients);

/* Runs `serve` in a child process and its clients in this one. The slow one
 * spells "hello\n", with a pause of one second between its pieces; the
 * quick ones send a line at once and leave when they are answered. Says
 * who did what, and in which second; then whether the server slept.
 * Options: --quick N, --speed N|max, --stamps, --timeline, --help.
 * Returns an exit code: 0; 1 if a client was not answered; 2 usage. */
int clients_run(int argc, char **argv, const char *about,
                serve_function *serve);

#endif
