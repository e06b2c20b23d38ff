/* judge.c - see judge.h. */
#include "lab/judge.h"

#include "lab/json.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- The lock ------------------------------------------------------------ */

ASYNC(take_lock)
{
    BEGIN;
    self->fd = open(path_of("%s/lab.lock", self->lab->build.text).text,
                    O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (self->fd < 0 && errno == ENOENT)
        RAISE(ENOENT, "the build folder is gone: cmake --preset dev makes "
              "it");
    if (self->fd < 0)
        RAISE_ERRNO("open lab.lock in the build folder");
    while (fcntl(self->fd, F_SETLK, &(struct flock){ .l_type = F_WRLCK,
                                    .l_whence = SEEK_SET }) != 0) {
        status(self->lab, "another lab builds here, waiting for it ...");
        CATCH_AWAIT(sleep, .delay_ns = MILLISECONDS(20));
        if (self->sleep.coro.error != 0) {
            close(self->fd);
            RERAISE(self->sleep.coro.error);
        }
    }
    END;
}

void unlock(void *fd)
{
    close(*(int *)fd);
}

/* --- Building ------------------------------------------------------------ */

/* ninja's and make's "[12/80]" in front of the last line. */
static void show_progress(struct child *child, void *arg)
{
    struct build *build = arg;
    const char *at = strrchr(text_string(child->output), '[');
    size_t length = at != NULL ? strspn(at + 1, " 0123456789/%") : 0;

    if (length > 0 && at[1 + length] == ']')
        status(build->lab, "%s ... %.*s", build->doing, (int)length + 2, at);
}

static bool is_source(const char *name)
{
    const char *dot = strrchr(name, '.');

    if (strcmp(name, "exercise.c") == 0)
        return false;
    return strcmp(name, "CMakeLists.txt") == 0
        || (dot != NULL && (strcmp(dot, ".c") == 0 || strcmp(dot, ".h") == 0
                            || strcmp(dot, ".cmake") == 0));
}

static bool newer(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec
                                  : a->tv_nsec > b->tv_nsec;
}

/* A source in `path` or below it that is newer than that; exercises apart. */
static bool has_newer(const char *path, const struct timespec *than)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    struct path below;
    struct stat info;
    bool found = false;

    while (folder != NULL && !found) {
        entry = readdir(folder);
        if (entry == NULL)
            break;
        below = path_of("%s/%s", path, entry->d_name);
        if (entry->d_name[0] == '.' || lstat(below.text, &info) != 0)
            continue;
        found = S_ISDIR(info.st_mode) ? has_newer(below.text, than)
            : is_source(entry->d_name) && newer(&info.st_mtim, than);
    }
    if (folder != NULL)
        closedir(folder);
    return found;
}

static bool is_newer(struct path path, const struct timespec *than)
{
    struct stat info;

    return stat(path.text, &info) != 0 || newer(&info.st_mtim, than);
}

/* make asks all libraries whether they are up to date before it comes to an
 * exercise: most of a second. TARGET/fast goes there at once, which is right
 * when no other source, and no option, has changed since. ninja needs no
 * such help; and of what with_NN_name includes, make alone knows. */
static bool only_exercises_changed(const struct build *build)
{
    const char *root = build->lab->root.text, *at = build->lab->build.text;
    struct stat built;

    return strncmp(build->target, "exercise_", 9) == 0
        && access(path_of("%s/Makefile", at).text, F_OK) == 0
        && stat(path_of("%s/bin/%s", at, build->target).text, &built) == 0
        && !is_newer(path_of("%s/CMakeCache.txt", at), &built.st_mtim)
        && !is_newer(path_of("%s/CMakeLists.txt", root), &built.st_mtim)
        && !has_newer(path_of("%s/lib", root).text, &built.st_mtim)
        && !has_newer(path_of("%s/lessons", root).text, &built.st_mtim)
        && !has_newer(path_of("%s/tests", root).text, &built.st_mtim);
}

ASYNC(build)
{
    BEGIN;
    status(self->lab, "%s ...", self->doing);
    self->name = path_of("%s%s", self->target,
                         only_exercises_changed(self) ? "/fast" : "");
    snprintf(self->jobs, sizeof self->jobs, "%ld",
             sysconf(_SC_NPROCESSORS_ONLN));
    self->argv[0] = self->lab->cmake.text;
    self->argv[1] = "--build";
    self->argv[2] = self->lab->build.text;
    self->argv[3] = "--target";
    self->argv[4] = self->name.text;
    self->argv[5] = "--parallel";
    self->argv[6] = self->jobs;
    AWAIT(child, .argv = self->argv, .output = self->output,
          .heard = show_progress, .arg = self);
    self->status = self->child.status;
    END;
}

/* CMake's, ninja's and make's own lines, and the compiler's about our file
 * around --with FILE. */
static bool is_chatter(struct slice line)
{
    static const char *const beginnings[] = {
        "[", "-- ", "FAILED: ", "ninja: ", "make", "gmake", "Consolidate",
        "Building C object", "Linking C ", "Built target ",
        "Scanning dependencies", "Re-checking globbed"
    };

    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
        if (slice_is(line, beginnings[i]))
            return true;
    return slice_is(line, "In file included from ")
        && slice_has(line, "/with/");
}

/* What the compiler said, as it said it. */
static void keep_compilers_words(struct text *text, bool fine)
{
    struct text kept = { .data = NULL };
    const char *rest = text_string(text);
    struct slice line;
    bool failed = false;

    while (text_line(&rest, &line)) {
        bool command = failed;

        failed = slice_is(line, "FAILED: ");
        if (!command && !is_chatter(line))
            text_addf(&kept, "%.*s\n", line.length, line.at);
    }
    if (kept.length == 0 && !fine) /* then CMake has something to say */
        return;
    text_free(text);
    *text = kept;
}

/* --- With other files ---------------------------------------------------- */

static bool write_if_changed(const char *path, const struct text *text)
{
    struct text old = { .data = NULL };
    bool same = file_read(path, &old)
        && strcmp(text_string(&old), text_string(text)) == 0;

    text_free(&old);
    return same || file_write(path, text_string(text), text->length);
}

/* The object files of the learner's other exercises, for the linker; CMake
 * has written where each of them is. Always new, so that it links again. */
static bool write_objects(const struct judge *self)
{
    const char *name = self->lab->lessons[self->lesson].name;
    struct text text = { .data = NULL };
    bool fine = true;

    for (size_t i = 0; i < self->mine_count; i++)
        fine = file_read(path_of("%s/with/%s.object", self->lab->build.text,
                                 self->lab->lessons[self->mine[i]].name).text,
                         &text) && fine;
    fine = fine && file_write(path_of("%s/with/%s.objects",
                                      self->lab->build.text, name).text,
                              text_string(&text), text.length);
    text_free(&text);
    return fine;
}

/* BUILD/with/NN_name.c includes the file by its full name: messages name
 * it, and its own includes are looked up beside it. */
static bool write_source(const struct judge *self)
{
    const char *name = self->lab->lessons[self->lesson].name;
    struct path given = self->with != NULL ? path_of("%s", self->with)
        : course_file(self->lab, self->lesson, "exercise.c");
    struct path here;
    struct text text = { .data = NULL };
    bool fine;

    if (given.text[0] == '/')
        here.text[0] = '\0';
    else if (getcwd(here.text, sizeof here.text) == NULL)
        return false;
    text_addf(&text, "#include \"%s%s%s\"\n", here.text,
              given.text[0] == '/' ? "" : "/", given.text);
    fine = write_if_changed(path_of("%s/with/%s.c", self->lab->build.text,
                                    name).text, &text);
    text_free(&text);
    return fine;
}

/* --- Judging ------------------------------------------------------------- */

static void name_target(struct judge *self, const char *what, size_t lesson)
{
    snprintf(self->target, sizeof self->target, "%s_%s", what,
             self->lab->lessons[lesson].name);
}

static void prepare(struct judge *self)
{
    const struct lesson *lesson = &self->lab->lessons[self->lesson];

    self->other = self->with != NULL || self->mine_count > 0;
    snprintf(self->doing, sizeof self->doing, "checking %s", lesson->title);
    self->program = path_of("%s/bin/%s_%s", self->lab->build.text,
                            self->other ? "with" : "exercise", lesson->name);
    self->json = path_of("%s/with/%s.json", self->lab->build.text,
                         lesson->name);
    mkdir(path_of("%s/with", self->lab->build.text).text, 0777);
    remove(self->json.text);
    progress_hash(self->lab, self->lesson, self->judgement->hash);
}

/* A learner may print a 0; a string would end there, verdict and all. */
static void replace_zeros(struct text *text)
{
    for (size_t i = 0; i < text->length; i++)
        if (text->data[i] == '\0')
            text->data[i] = '?';
}

/* No object from the test program: ours, as far as it goes. */
static void make_json(struct judge *self)
{
    struct judgement *judgement = self->judgement;
    struct text *json = &judgement->json;

    text_free(json);
    text_addf(json, "{\"lesson\":\"%s\",\"status\":\"%s\",\"verdict\":",
              self->lab->lessons[self->lesson].name,
              verdict_words(judgement->verdict));
    json_string(json, text_string(judgement->verdict == NOT_COMPILING
                                  ? &judgement->build : &judgement->output));
    text_add(json, "}\n", 2);
}

/* An exercise that calls exit(0) ends well, too: without the program's own
 * words it has not passed. */
static void classify(struct judge *self, int status)
{
    struct judgement *judgement = self->judgement;
    struct slice value;
    bool told = file_read(self->json.text, &judgement->json)
        && json_find(text_string(&judgement->json), "lesson", &value);

    replace_zeros(&judgement->output);
    judgement->verdict = status == 0 && told ? KEPT : status == 1 ? NOT_YET
        : status == 77 ? NOT_WRITTEN : NOT_JUDGED;
    if (judgement->verdict == NOT_JUDGED)
        text_addf(&judgement->output, "%s ended with status %d: no verdict\n",
                  self->program.text, status);
    if (!told)
        make_json(self);
    judgement->step = json_number(judgement->json.data, "step", 0);
    judgement->steps = json_number(judgement->json.data, "steps", 0);
}

ASYNC(judge)
{
    BEGIN;
    AWAIT(take_lock, .lab = self->lab);
    DEFER(&self->unlocking, unlock, &self->take_lock.fd);
    prepare(self);
    for (self->i = 0; self->i < self->mine_count; self->i++) {
        name_target(self, "exercise", self->mine[self->i]);
        AWAIT(build, .lab = self->lab, .target = self->target,
              .doing = self->doing, .output = &self->judgement->build);
    }
    if (self->other && (!write_source(self) || !write_objects(self)))
        RAISE_ERRNO("check --with or --mine");
    name_target(self, self->other ? "with" : "exercise", self->lesson);
    AWAIT(build, .lab = self->lab, .target = self->target,
          .doing = self->doing, .output = &self->judgement->build);
    keep_compilers_words(&self->judgement->build, self->build.status == 0);
    if (self->build.status != 0) {
        self->judgement->verdict = NOT_COMPILING;
        make_json(self);
        RETURN();
    }
    status(self->lab, "%s ...", self->doing);
    self->argv[0] = self->program.text;
    self->argv[1] = "--json";
    self->argv[2] = self->json.text;
    self->argv[3] = "--color";
    self->argv[4] = self->lab->color ? "always" : "never";
    AWAIT(child, .argv = self->argv, .output = &self->judgement->output);
    classify(self, self->child.status);
    END;
}

/* --- Telling ------------------------------------------------------------- */

void judgement_free(struct judgement *judgement)
{
    text_free(&judgement->build);
    text_free(&judgement->output);
    text_free(&judgement->json);
    *judgement = (struct judgement){ .verdict = KEPT };
}

const char *verdict_words(enum verdict verdict)
{
    switch (verdict) {
    case KEPT: return "passed";
    case NOT_YET: return "not yet";
    case NOT_WRITTEN: return "not written yet";
    case NOT_COMPILING: return "does not compile yet";
    case NOT_JUDGED: break;
    }
    return "not judged";
}

enum ink verdict_ink(enum verdict verdict)
{
    return verdict == KEPT ? GREEN : verdict == NOT_YET ? YELLOW
        : verdict == NOT_WRITTEN ? DIM : RED;
}

void judgement_show(const struct lab *lab, size_t lesson,
                    const struct judgement *judgement)
{
    const char *output = text_string(&judgement->output);
    const char *build = text_string(&judgement->build);

    if (judgement->verdict != KEPT && judgement->verdict != NOT_YET
        && strstr(output, "not written yet") == NULL)
        ink(lab, verdict_ink(judgement->verdict), "%s - %s\n",
            lab->lessons[lesson].title, verdict_words(judgement->verdict));
    printf("%s%s", build, output);
    if (judgement->verdict == NOT_COMPILING
        && strstr(build, "exercise_") != NULL && strstr(build, ".c:") == NULL)
        printf("this build may have no exercises: cmake --preset dev has\n");
    else if (judgement->verdict == NOT_COMPILING)
        printf("the first error is the one to look at; a later one may be "
               "its echo\n");
    /* gcc's words, clang's */
    if (strstr(build, " of macro ") != NULL
        || strstr(build, " from macro ") != NULL)
        printf("it is in a macro: lessons/06_await/macros.md, \"When it does "
               "not compile\"\n");
}

void judgement_enter(struct lab *lab, size_t lesson,
                     const struct judgement *judgement)
{
    struct record *record = &lab->records[lesson];

    progress_load(lab);
    if (lab->chosen < 0)
        lab->chosen = (int)lesson;
    if (judgement->verdict == KEPT)
        memcpy(record->passed, judgement->hash, sizeof record->passed);
    record->step = judgement->verdict == NOT_YET ? judgement->step : 0;
    record->steps = record->step > 0 ? judgement->steps : 0;
    progress_save(lab);
}
