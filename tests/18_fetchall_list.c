/* 18_fetchall_list.c - what is given to lesson 18's exercise: the list, that
 * is never read ahead; bodies on the disk, whole or not at all; the dice.
 */
#include "18_fetchall/fetchall.h"

#include "assassin.h"
#include "check.h"
#include "stage/origin.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- The list. ---- */

/* main: takes all URLs, and says what each is. */
struct reader {
    struct coro coro;
    const char *const *words;
    size_t word_count;
    int fd;
    struct urls urls;
    struct url url;
    struct next_url next_url;
};
ASYNC_DECLARE(reader);

static void complain(struct urls *urls, const char *text)
{
    (void)urls;
    say("bad: %s", text);
}

ASYNC(reader)
{
    BEGIN;
    self->urls = (struct urls){ .loop = task_loop(task), .fd = self->fd,
        .words = self->words, .word_count = self->word_count,
        .name = "urls.txt", .base = "http://base:81/", .complain = complain };
    for (;;) {
        AWAIT(next_url, .urls = &self->urls, .url = &self->url);
        if (self->next_url.ended)
            break;
        say("%zu %s = %s", self->url.number, self->url.text,
            self->url.full);
    }
    say("%zu taken, %zu bad", self->urls.taken, self->urls.bad);
    END;
}

/* A file without a name, with these bytes in it. */
static int file_of(const char *bytes, size_t size)
{
    char path[] = "/tmp/awaitlab-list-XXXXXX";
    int fd = mkstemp(path);

    CHECK(fd >= 0);
    unlink(path);
    CHECK_INT(size, write(fd, bytes, size));
    CHECK_INT(0, lseek(fd, 0, SEEK_SET));
    return fd;
}

static void read_list(struct reader *reader)
{
    struct lab lab;

    reader->coro.type = &reader_type;
    lab_open(&lab);
    CHECK_CODE(0, lab_run(&lab, &reader->coro));
    lab_close(&lab);
}

static void read_bytes(const char *bytes, size_t size)
{
    struct reader reader = { .fd = file_of(bytes, size) };

    read_list(&reader);
    close(reader.fd);
}

#define READ(text) read_bytes((text), sizeof(text) - 1)

TEST(a_line_is_a_url_and_the_last_needs_no_end)
{
    READ("https://a/\nhttp://b:82/x?y");
    CHECK_LOG("0 1 https://a/ = https://a/\n"
              "0 2 http://b:82/x?y = http://b:82/x?y\n"
              "0 2 taken, 0 bad\n");
}

TEST(blanks_and_comments_are_no_urls)
{
    READ("# all of them\n\n   \t\n  http://a/ \t\r\n\r\n #http://b/\n");
    CHECK_LOG("0 1 http://a/ = http://a/\n" "0 1 taken, 0 bad\n");
}

TEST(a_path_is_the_bases)
{
    READ("/\n/x/../y?z\n");
    CHECK_LOG("0 1 / = http://base:81/\n"
              "0 2 /x/../y?z = http://base:81/y?z\n" "0 2 taken, 0 bad\n");
}

TEST(a_bad_line_is_told_with_its_number_and_stops_nobody)
{
    READ("http://a/\n# two\nftp://b/\nhttp://c:x/\nhttp://d/\n");
    CHECK_LOG("0 1 http://a/ = http://a/\n"
              "0 bad: urls.txt:3: the lab speaks http, https and nothing "
              "else\n"
              "0 bad: urls.txt:4: a port is made of digits\n"
              "0 2 http://d/ = http://d/\n" "0 2 taken, 2 bad\n");
}

TEST(a_password_is_not_repeated)
{
    READ("http://me:secret@a/\n");
    CHECK_LOG("0 bad: urls.txt:1: a user name may not stand in an http "
              "URL\n" "0 0 taken, 1 bad\n");
}

TEST(a_byte_of_zero_does_not_end_the_line)
{
    READ("http://a/\0b\nhttp://c/\n");
    CHECK_LOG("0 bad: urls.txt:1: it has a byte that is 0\n"
              "0 1 http://c/ = http://c/\n" "0 1 taken, 1 bad\n");
}

TEST(a_line_longer_than_any_url_is_told_once_and_skipped)
{
    enum { LONG = 3 * URLS_LINE };
    static char bytes[LONG + 32];

    memset(bytes, 'x', LONG);
    strcpy(bytes + LONG, "\nhttp://a/\n");
    read_bytes(bytes, strlen(bytes));
    CHECK_LOG("0 bad: urls.txt:1: too long\n" "0 1 http://a/ = http://a/\n"
              "0 1 taken, 1 bad\n");
    read_bytes(bytes, LONG); /* and no end of the line at all */
    CHECK_LOG("0 bad: urls.txt:1: too long\n" "0 0 taken, 1 bad\n");
}

TEST(the_longest_url_fits_and_one_byte_more_does_not)
{
    static char line[HTTP_URL_MAX + 64];
    const char *words[] = { line };
    struct reader fits = { .fd = -1, .words = words, .word_count = 1 };
    struct reader reader = fits;

    memset(line, 'x', HTTP_URL_MAX + 1);
    memcpy(line, "http://a/", 9);
    read_list(&reader);
    CHECK_LOG("0 bad: argument:1: too long\n" "0 0 taken, 1 bad\n");
    line[HTTP_URL_MAX] = '\0';
    read_list(&fits);
    CHECK_INT(1, fits.urls.taken);
    CHECK_INT(HTTP_URL_MAX, strlen(fits.url.full));
}

TEST(words_come_first)
{
    static const char *const words[] = { "http://a/", "b", "http://c/" };
    struct reader reader = { .words = words, .word_count = 3,
                             .fd = file_of("http://d/\n", 10) };

    read_list(&reader);
    close(reader.fd);
    CHECK_LOG("0 1 http://a/ = http://a/\n"
              "0 bad: argument:2: a URL begins with \"http://\"\n"
              "0 2 http://c/ = http://c/\n" "0 3 http://d/ = http://d/\n"
              "0 3 taken, 1 bad\n");
}

TEST(a_read_that_fails_is_told_and_ends_the_list)
{
    struct reader reader = { .fd = open("/", O_RDONLY) };

    read_list(&reader);
    close(reader.fd);
    CHECK_LOG("0 bad: urls.txt:1: read: Is a directory\n"
              "0 0 taken, 1 bad\n");
}

TEST(a_fd_that_is_not_open_is_told_and_ends_the_list)
{
    struct reader reader = { .fd = 100 };

    read_list(&reader);
    CHECK_LOG("0 bad: urls.txt:1: wait for fd 100: Bad file descriptor\n"
              "0 0 taken, 1 bad\n");
}

/* Writes its bytes into a pipe, one after a millisecond. */
struct typist {
    struct coro coro;
    const char *text;
    int fd;
    struct task task;
    struct sleep sleep;
};
ASYNC_DECLARE(typist);

ASYNC(typist)
{
    BEGIN;
    for (; *self->text != '\0'; self->text++) {
        CHECK_INT(1, write(self->fd, self->text, 1));
        AWAIT(sleep, .delay_ns = MILLISECONDS(1));
    }
    close(self->fd);
    END;
}

TEST(a_line_may_come_a_byte_at_a_time)
{
    struct typist typist = { CORO(typist), .text = "/a\n\n#b\n/c" };
    struct reader reader = { CORO(reader) };
    struct lab lab;
    int ends[2];

    CHECK_INT(0, pipe(ends));
    reader.fd = ends[0];
    typist.fd = ends[1];
    lab_open(&lab);
    task_create(&lab.loop, &typist.task, "typist", &typist.coro);
    CHECK_CODE(0, lab_run(&lab, &reader.coro));
    lab_close(&lab);
    close(ends[0]);
    CHECK_LOG("0.002 1 /a = http://base:81/a\n"
              "0.009 2 /c = http://base:81/c\n" "0.009 2 taken, 0 bad\n");
}

/* Three wait for one pipe, which says two lines in one piece and, later, one:
 * who wakes for nothing must not read, for that would block. */
static void take_in_turn(struct lab *lab, struct urls *urls, int into)
{
    static struct next_url waits[3];
    static struct task tasks[3];
    static struct url found[3];

    for (int i = 0; i < 3; i++) {
        waits[i] = (struct next_url){ CORO(next_url), .urls = urls,
                                      .url = &found[i] };
        task_create(&lab->loop, &tasks[i], "waiter", &waits[i].coro);
    }
    CHECK(loop_turn(&lab->loop, false));
    CHECK_INT(6, write(into, "/a\n/b\n", 6));
    lab_turns(lab, &tasks[1].future);
    CHECK(future_done(&tasks[0].future) && !future_done(&tasks[2].future));
    CHECK_INT(3, write(into, "/c\n", 3));
    lab_turns(lab, &tasks[2].future);
    for (int i = 0; i < 3; i++)
        say("%zu %s", found[i].number, found[i].text);
}

TEST(who_wakes_for_nothing_waits_on)
{
    struct urls urls = { .name = "urls.txt", .base = "http://base/",
                         .complain = complain };
    struct lab lab;
    int ends[2];

    CHECK_INT(0, pipe(ends));
    urls.fd = ends[0];
    lab_open(&lab);
    urls.loop = &lab.loop;
    take_in_turn(&lab, &urls, ends[1]);
    lab_close(&lab);
    close(ends[0]);
    close(ends[1]);
    CHECK_LOG("0 1 /a\n" "0 2 /b\n" "0 3 /c\n");
}

/* ---- A list is not read ahead. ---- */

enum { MANY = 100000, ENOUGH = 300 };

/* main: fetchall on a file of 100,000 lines, cancelled after 300 of them. */
struct glutton {
    struct coro coro;
    struct origin origin;
    struct session session;
    struct cleanup shutting;
    struct urls urls;
    struct jitter jitter;
    size_t told, cancelled;
    struct fetchall fetchall;
};
ASYNC_DECLARE(glutton);

static void count(struct fetchall *all, const struct outcome *outcome)
{
    struct glutton *self = CONTAINER(all, struct glutton, fetchall);

    self->told++;
    self->cancelled += outcome->error->code == E_CANCELLED;
    if (self->told == ENOUGH)
        task_cancel(&all->urls->loop->main);
}

ASYNC(glutton)
{
    BEGIN;
    session_open(&self->session, task_loop(task), SESSION_DEFAULTS);
    DEFER(&self->shutting, session_shut, &self->session);
    AWAIT(fetchall, .session = &self->session, .urls = &self->urls,
          .limit = 20, .folder = -1, .tell = count,
          .retry = RETRY_DEFAULT(&self->jitter));
    END;
}

TEST(a_list_of_100000_is_20_tasks_and_one_buffer)
{
    static struct glutton glutton = { CORO(glutton) };
    static char bytes[MANY * 2], base[64];
    struct error error;
    struct lab lab;

    for (size_t i = 0; i < sizeof bytes; i += 2)
        memcpy(bytes + i, "/\n", 2);
    lab_open(&lab);
    CHECK_CODE(0, origin_start(&glutton.origin, &lab.loop, "127.0.0.1", 0,
                               &error));
    snprintf(base, sizeof base, "http://127.0.0.1:%u/", glutton.origin.port);
    glutton.urls = (struct urls){ .loop = &lab.loop, .name = "urls.txt",
        .fd = file_of(bytes, sizeof bytes), .base = base,
        .complain = complain };
    CHECK_CODE(E_CANCELLED, lab_run(&lab, &glutton.coro));
    lab_close(&lab);
    CHECK_INT(20, glutton.fetchall.hired);
    CHECK_INT(0, glutton.fetchall.busy);
    /* It takes a turn or two until all have heard of it. */
    CHECK_INT(glutton.urls.taken, glutton.told);
    CHECK(glutton.told >= ENOUGH && glutton.told < ENOUGH + 100);
    CHECK(glutton.cancelled > 0 && glutton.cancelled <= 20);
    CHECK(lseek(glutton.urls.fd, 0, SEEK_CUR) <= URLS_LINE);
    close(glutton.urls.fd);
}

/* ---- Bodies. ---- */

static char folder_path[64];

static int open_temporary(void)
{
    struct error error;
    int folder;

    strcpy(folder_path, "/tmp/awaitlab-save-XXXXXX");
    CHECK(mkdtemp(folder_path) != NULL);
    CHECK_CODE(0, save_folder(folder_path, &folder, &error));
    return folder;
}

/* Says what is in the folder, and takes it away. */
static void close_temporary(int folder)
{
    struct dirent **names;
    int n = scandir(folder_path, &names, NULL, alphasort);

    for (int i = 0; i < n; i++) {
        struct stat about;

        if (names[i]->d_name[0] != '.') {
            CHECK_INT(0, fstatat(folder, names[i]->d_name, &about, 0));
            say("%s: %d bytes", strstr(names[i]->d_name, ".part") != NULL
                ? "a part" : names[i]->d_name, (int)about.st_size);
            unlinkat(folder, names[i]->d_name, 0);
        }
        free(names[i]);
    }
    free(names);
    CHECK_INT(0, rmdir(folder_path));
    close(folder);
}

TEST(a_body_has_its_name_when_it_is_whole_and_not_before)
{
    int folder = open_temporary();
    struct error error;
    struct save save;

    save_init(&save, folder, 7, "http://a:81/b/c?d=e#f");
    CHECK_STR("00007-a-81-b-c-d-e", save.name);
    CHECK_CODE(0, save_begin(&save, &error));
    CHECK_CODE(0, save_write(&save, "hello", 5, &error));
    CHECK_INT(-1, faccessat(folder, save.name, F_OK, 0));
    CHECK_CODE(0, save_keep(&save, &error));
    CHECK_INT(0, faccessat(folder, save.name, F_OK, 0));
    save_drop(&save);
    close_temporary(folder);
    CHECK_LOG("00007-a-81-b-c-d-e: 5 bytes\n");
}

TEST(what_is_dropped_leaves_nothing)
{
    int folder = open_temporary();
    struct error error;
    struct save save;

    save_init(&save, folder, 1, "http://a/");
    save_drop(&save);
    CHECK_CODE(0, save_begin(&save, &error));
    CHECK_CODE(0, save_write(&save, "hel", 3, &error));
    save_drop(&save);
    save_drop(&save);
    close_temporary(folder);
    CHECK_LOG("");
}

TEST(what_has_the_name_already_stays)
{
    int folder = open_temporary();
    struct error error;
    struct save save;

    for (int i = 0; i < 2; i++) {
        save_init(&save, folder, 1, "http://a/");
        CHECK_CODE(0, save_begin(&save, &error));
        CHECK_CODE(0, save_write(&save, "hello, again", i == 0 ? 5 : 12,
                                 &error));
        CHECK_CODE(i == 0 ? 0 : EEXIST, save_keep(&save, &error));
    }
    CHECK_STR("save 00001-a-: File exists", error.text);
    close_temporary(folder);
    CHECK_LOG("00001-a-: 5 bytes\n");
}

TEST(no_url_leaves_the_folder_and_no_two_share_a_name)
{
    static const char *const urls[] = {
        "http://a/../../etc/passwd", "http://a/%2e%2e%2f", "http://a/.", "x",
        "http://[::1]/a\\b", "http://a/\xc3\xa9"
    };
    struct save one, two;
    char text[2000] = "http://a/";

    for (size_t i = 0; i < COUNT(urls); i++) {
        save_init(&one, -1, i + 1, urls[i]);
        CHECK(one.name[0] >= '0' && one.name[0] <= '9');
        CHECK(strpbrk(one.name, "/\\%") == NULL);
    }
    memset(text + 9, 'x', sizeof text - 10);
    save_init(&one, -1, 1, text);
    save_init(&two, -1, 2, text);
    CHECK_INT(SAVE_NAME - 1, strlen(one.name));
    CHECK(strcmp(one.name, two.name) != 0);
}

TEST(a_folder_that_is_a_file_is_refused)
{
    struct error error;
    int folder;

    CHECK_CODE(ENOTDIR, save_folder("/dev/null", &folder, &error));
    CHECK_STR("open /dev/null: Not a directory", error.text);
}

/* ---- Bodies that are fetched. ---- */

/* main: one URL of the origin into the folder. */
struct keeper {
    struct coro coro;
    const char *path;
    int folder, more;
    struct origin origin;
    char url[80];
    struct save save;
    struct jitter jitter;
    struct ask ask;
    struct session session;
    struct cleanup shutting;
    struct fetch_retry fetch_retry;
};
ASYNC_DECLARE(keeper);

ASYNC(keeper)
{
    BEGIN;
    session_open(&self->session, task_loop(task), SESSION_DEFAULTS);
    DEFER(&self->shutting, session_shut, &self->session);
    snprintf(self->url, sizeof self->url, "http://127.0.0.1:%u%s",
             self->origin.port, self->path);
    save_init(&self->save, self->folder, 1, self->path);
    self->ask = (struct ask){ .session = &self->session, .url = self->url,
                              .save = &self->save,
                              .limits.total = SECONDS(3) };
    AWAIT(fetch_retry, .ask = &self->ask,
          .retry = { self->more, SECONDS(1), SECONDS(8), &self->jitter });
    END;
}

static int fetch_into(int folder, const char *path, int more, int k)
{
    struct keeper keeper = { CORO(keeper), .path = path, .folder = folder,
                             .more = more };
    struct assassin assassin = { .struck = false };
    struct error error;
    struct lab lab;
    int code;

    jitter_open(&keeper.jitter, 1);
    lab_open(&lab);
    CHECK_CODE(0, origin_start(&keeper.origin, &lab.loop, "127.0.0.1", 0,
                               &error));
    if (k > 0)
        assassin_hire(&assassin, &lab.loop, &lab.loop.main, k);
    code = lab_run(&lab, &keeper.coro);
    if (code == EEXIST)
        say("%s", lab.loop.main.error.text);
    lab_close(&lab);
    CHECK(k == 0 || assassin.struck == (code == E_CANCELLED));
    return code;
}

TEST(the_body_of_a_2xx_is_kept_and_no_other)
{
    int folder = open_temporary();

    CHECK_CODE(0, fetch_into(folder, "/chunked/70000", 0, 0));
    CHECK_CODE(0, fetch_into(folder, "/status/404", 0, 0));
    CHECK_CODE(0, fetch_into(folder, "/flaky/2", 3, 0));
    CHECK_CODE(E_DISCONNECTED, fetch_into(folder, "/drop", 2, 0));
    close_temporary(folder);
    CHECK_LOG("00001--chunked-70000: 70000 bytes\n"
              "00001--flaky-2: 6 bytes\n");
}

TEST(a_full_name_is_no_reason_to_try_again)
{
    int folder = open_temporary();

    CHECK_CODE(0, fetch_into(folder, "/bytes/9", 3, 0));
    CHECK_CODE(EEXIST, fetch_into(folder, "/bytes/9", 3, 0));
    close_temporary(folder);
    CHECK_LOG("0 save 00001--bytes-9: File exists\n"
              "00001--bytes-9: 9 bytes\n");
}

TEST(cancelled_at_any_suspension_no_part_is_left)
{
    int code = E_CANCELLED;

    for (int k = 1; code == E_CANCELLED; k++) {
        int folder = open_temporary();

        code = fetch_into(folder, "/bytes/400000", 0, k);
        close_temporary(folder);
        CHECK_LOG(code == E_CANCELLED ? ""
                  : "00001--bytes-400000: 400000 bytes\n");
        CHECK(k < 1000);
    }
    CHECK_CODE(0, code);
}

/* ---- The dice. ---- */

TEST(draws_are_below_one_and_all_over_the_place)
{
    int tenths[10] = { 0 };
    struct jitter jitter;

    jitter_open(&jitter, 1);
    for (int i = 0; i < 10000; i++) {
        double drawn = jitter.draw(&jitter);

        CHECK(drawn >= 0 && drawn < 1);
        tenths[(int)(drawn * 10)]++;
    }
    for (int i = 0; i < 10; i++)
        CHECK(tenths[i] > 800 && tenths[i] < 1200);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(a_line_is_a_url_and_the_last_needs_no_end),
        ENTRY(blanks_and_comments_are_no_urls),
        ENTRY(a_path_is_the_bases),
        ENTRY(a_bad_line_is_told_with_its_number_and_stops_nobody),
        ENTRY(a_password_is_not_repeated),
        ENTRY(a_byte_of_zero_does_not_end_the_line),
        ENTRY(a_line_longer_than_any_url_is_told_once_and_skipped),
        ENTRY(the_longest_url_fits_and_one_byte_more_does_not),
        ENTRY(words_come_first),
        ENTRY(a_read_that_fails_is_told_and_ends_the_list),
        ENTRY(a_fd_that_is_not_open_is_told_and_ends_the_list),
        ENTRY(a_line_may_come_a_byte_at_a_time),
        ENTRY(who_wakes_for_nothing_waits_on),
        ENTRY(a_list_of_100000_is_20_tasks_and_one_buffer),
        ENTRY(a_body_has_its_name_when_it_is_whole_and_not_before),
        ENTRY(what_is_dropped_leaves_nothing),
        ENTRY(what_has_the_name_already_stays),
        ENTRY(no_url_leaves_the_folder_and_no_two_share_a_name),
        ENTRY(a_folder_that_is_a_file_is_refused),
        ENTRY(the_body_of_a_2xx_is_kept_and_no_other),
        ENTRY(a_full_name_is_no_reason_to_try_again),
        ENTRY(cancelled_at_any_suspension_no_part_is_left),
        ENTRY(draws_are_below_one_and_all_over_the_place),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
