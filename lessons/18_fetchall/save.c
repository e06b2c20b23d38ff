/* save.c - see save.h. */
#include "18_fetchall/save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int save_folder(const char *path, int *folder, struct error *error)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return error_set_errno(error, errno, "mkdir %s", path);
    *folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*folder < 0)
        return error_set_errno(error, errno, "open %s", path);
    return 0;
}

static bool harmless(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9') || c == '.' || c == '_';
}

/* It begins with the number, so it is never "..", and no "/" is left. */
void save_init(struct save *save, int folder, size_t number, const char *url)
{
    const char *from = strstr(url, "//");
    size_t used = (size_t)snprintf(save->name, sizeof save->name, "%05zu-",
                                   number);

    save->folder = folder;
    save->fd = -1;
    for (from = from != NULL ? from + 2 : url;
         *from != '\0' && *from != '#' && used + 1 < sizeof save->name;
         from++, used++)
        save->name[used] = harmless(*from) ? *from : '-';
    save->name[used] = '\0';
}

/* With our process's number: another run in the same folder has its own. */
static const char *part_of(const struct save *save, char part[static 160])
{
    snprintf(part, 160, "%s.%ld.part", save->name, (long)getpid());
    return part;
}

int save_begin(struct save *save, struct error *error)
{
    char part[160];

    save->fd = openat(save->folder, part_of(save, part), O_WRONLY | O_CREAT
                      | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (save->fd < 0)
        return error_set_errno(error, errno, "save %s", save->name);
    return 0;
}

int save_write(struct save *save, const char *data, size_t size,
               struct error *error)
{
    while (size > 0) {
        ssize_t n = write(save->fd, data, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set_errno(error, errno, "save %s", save->name);
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

/* link and not rename: that would replace what has the name. */
int save_keep(struct save *save, struct error *error)
{
    char part[160];
    int fd = save->fd;

    save->fd = -1;
    part_of(save, part);
    if (close(fd) != 0 /* some tell only now that the disk is full */
        || linkat(save->folder, part, save->folder, save->name, 0) != 0)
        error_set_errno(error, errno, "save %s", save->name);
    else
        error->code = 0;
    unlinkat(save->folder, part, 0);
    return error->code;
}

void save_drop(void *arg)
{
    struct save *save = arg;
    char part[160];

    if (save->fd < 0)
        return;
    close(save->fd);
    save->fd = -1;
    unlinkat(save->folder, part_of(save, part), 0);
}
