/* save.h - a body on the disk: all of it under its name, or nothing.
 *
 *     0007-example.com-a-b.1234.part  --link-->  0007-example.com-a-b
 *
 * What is written has another name until it is complete, so whoever finds
 * the name finds the whole body, however we ended. The name is made from the
 * URL, but only of letters that no file system gives a meaning to.
 *
 * Left out: fsync (a power cut may leave an empty file), file systems
 * without hard links (saving fails there), and a disk that takes its time:
 * writing to a file blocks the loop, and in_thread of lesson 15 is the cure.
 */
#ifndef LAB_SAVE_H
#define LAB_SAVE_H

#include "loop/error.h"

#include <stddef.h>

enum { SAVE_NAME = 128 }; /* bytes of a name, with its end */

struct save {
    int folder; /* the caller's */
    int fd;     /* of the part; -1: none is open */
    char name[SAVE_NAME];
};

/* Opens a folder, made if it is not there, into *folder; the caller's to
 * close. 0, or a code with words. */
int save_folder(const char *path, int *folder, struct error *error);

/* Nothing is opened yet. Two numbers are two names, whatever the URLs: what
 * is cut off, or replaced, of one cannot make it another's. */
void save_init(struct save *save, int folder, size_t number,
               const char *url);

/* Each: 0, or a code with words. save_keep gives the part its name; one
 * that is there already, from an earlier run, is EEXIST and stays. */
int save_begin(struct save *save, struct error *error);
int save_write(struct save *save, const char *data, size_t size,
               struct error *error);
int save_keep(struct save *save, struct error *error);

/* The part is gone, if there is one. Idempotent; a cleanup. */
void save_drop(void *save);

#endif
