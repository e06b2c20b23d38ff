/* driver.c - runs a target without libFuzzer, with any compiler:
 *
 *     replay_url [--rounds N] [--seed S] FILE|FOLDER...
 *
 * on each file, and then on N spoiled ones: bytes that matter to a grammar,
 * cuts, repeats, splices. The same seed spoils the same way, so what is
 * broken is broken again. An input that breaks a promise is left in the
 * file `broken`, to be given to replay_url, or to a debugger. */
#include "fuzz.h"

#include "table.h"

#include <dirent.h>
#include <signal.h>
#include <string.h>

enum { MOST = 24 * 1024, FILES = 1000 };

static struct bytes files[FILES];
static size_t file_count;
static struct bytes now; /* what the target has been given */
static uint64_t dice = 1;

void __sanitizer_set_death_callback(void (*die)(void)) __attribute__((weak));

static void keep_input(void)
{
    FILE *out = fopen("broken", "wb");

    if (out != NULL && fwrite(now.at, 1, now.len, out) == now.len
        && fclose(out) == 0)
        fprintf(stderr, "the input is in ./broken: %zu bytes\n", now.len);
}

static void at_abort(int number)
{
    (void)number;
    keep_input();
}

static size_t below(size_t n)
{
    dice ^= dice >> 12;
    dice ^= dice << 25;
    dice ^= dice >> 27;
    return n == 0 ? 0
        : (size_t)(dice * UINT64_C(0x2545f4914f6cdd1d) >> 32) % n;
}

/* In memory of its own, so that a sanitizer sees a look behind its end. */
static void run(const char *bytes, size_t n)
{
    char *copy = malloc(n);

    now = (struct bytes){ copy, n };
    if (n > 0)
        memcpy(copy, bytes, n);
    LLVMFuzzerTestOneInput((const uint8_t *)copy, n);
    free(copy);
}

/* One spoiled byte, range or joint. text has room for MOST bytes. */
static void spoil(struct bytes *text)
{
    static const char special[]
        = "\r\n\t :;,=\"\\%#/@[]0159afgx\x7f\xff\0.-+";
    const struct bytes *other = &files[below(file_count)];
    size_t at = below(text->len), from = below(other->len);
    size_t n = below(text->len - at < 12 ? text->len - at : 12);

    switch (below(5)) {
    case 0:
        if (text->len > 0)
            text->at[at] = special[below(sizeof special)];
        break;
    case 1: /* take a range out */
        memmove(text->at + at, text->at + at + n, text->len - at - n);
        text->len -= n;
        break;
    case 2: /* repeat a range */
        if (text->len + n > MOST)
            break;
        memmove(text->at + at + n, text->at + at, text->len - at);
        text->len += n;
        break;
    case 3: /* go on as another one does */
        if (other->len - from <= MOST - at) {
            memcpy(text->at + at, other->at + from, other->len - from);
            text->len = at + other->len - from;
        }
        break;
    default: /* insert a special byte */
        if (text->len == MOST)
            break;
        memmove(text->at + at + 1, text->at + at, text->len - at);
        text->at[at] = special[below(sizeof special)];
        text->len++;
    }
}

static void run_spoiled(void)
{
    static char memory[MOST];
    const struct bytes *from = &files[below(file_count)];
    struct bytes text = { memory, from->len < MOST ? from->len : MOST };

    memcpy(memory, from->at, text.len);
    for (size_t n = 1 + below(4); n > 0; n--)
        spoil(&text);
    run(text.at, text.len);
}

static void load(const char *path)
{
    struct dirent **names;
    int n = scandir(path, &names, NULL, alphasort);
    char inside[1024];

    if (n < 0) {
        if (file_count == FILES || !read_file(path, &files[file_count])) {
            fprintf(stderr, "%s: cannot be read, or too many\n", path);
            exit(2);
        }
        file_count++;
    }
    for (int i = 0; i < n; i++) {
        snprintf(inside, sizeof inside, "%s/%s", path, names[i]->d_name);
        if (names[i]->d_name[0] != '.')
            load(inside);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}

int main(int argc, char **argv)
{
    size_t rounds = 0;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc)
            rounds = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            dice = 2 * strtoull(argv[++i], NULL, 10) + 1;
        else
            load(argv[i]);
    }
    if (file_count == 0) {
        fprintf(stderr, "usage: %s [--rounds N] [--seed S] FILE|FOLDER...\n",
                argv[0]);
        return 2;
    }
    signal(SIGABRT, at_abort);
    if (__sanitizer_set_death_callback != NULL)
        __sanitizer_set_death_callback(keep_input);
    for (size_t i = 0; i < file_count; i++)
        run(files[i].at, files[i].len);
    for (size_t i = 0; i < rounds; i++)
        run_spoiled();
    printf("%zu files, %zu spoiled ones\n", file_count, rounds);
    for (size_t i = 0; i < file_count; i++)
        free(files[i].at);
    return 0;
}
