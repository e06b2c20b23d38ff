/* doctor.c - lab doctor: tries what the course needs, and says what to
 * install. It does not ask a sanitizer whether it is there, it makes it
 * find something. */
#include "lab/child.h"
#include "lab/lab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FINE, MISSING, LACKING }; /* lacking: the course does without */

/* One program, run; `want` must be in what it says. */
struct probe {
    const char *name;
    const char *argv[8];
    const char *want;
    int otherwise;      /* MISSING or LACKING */
    const char *advice;
};

struct doctor {
    struct coro coro;
    struct lab *lab;
    const struct probe *probes;
    size_t count, i;
    int worst;
    struct text output;
    struct child child;
};
ASYNC_DECLARE(doctor);

static void tell(const struct lab *lab, int how, const char *name,
                 const char *words)
{
    static const char *const marks[] = { "ok", "MISSING", "without" };
    static const enum ink inks[] = { GREEN, RED, YELLOW };

    ink(lab, inks[how], "%-8s", marks[how]);
    put_wrapped(lab, 8 + printf(" %-11s ", name), words, 21);
    fflush(stdout);
}

/* The line that says it: the one with `want`, else the first. */
static struct path line_of(const char *output, const char *want)
{
    const char *rest = output;
    struct slice line = { "", 0 };

    while (text_line(&rest, &line))
        if (slice_has(line, want))
            break;
    return path_of("%.*s", line.length < 60 ? line.length : 60, line.at);
}

static void judge_probe(struct doctor *self)
{
    const struct probe *probe = &self->probes[self->i];
    const char *output = text_string(&self->output);
    bool there = self->child.status != 127
        && strstr(output, probe->want) != NULL;

    if (there)
        tell(self->lab, FINE, probe->name, line_of(output,
                                                   probe->want).text);
    else
        tell(self->lab, probe->otherwise, probe->name, probe->advice);
    if (!there && probe->otherwise == MISSING)
        self->worst = 1;
}

ASYNC(doctor)
{
    BEGIN;
    for (self->i = 0; self->i < self->count; self->i++) {
        status(self->lab, "trying %s ...", self->probes[self->i].name);
        AWAIT(child, .argv = self->probes[self->i].argv,
              .output = &self->output);
        status_clear(self->lab);
        judge_probe(self);
        text_free(&self->output);
    }
    END;
}

/* --- What can be known without a program --------------------------------- */

/* A thousand clients and their server in one process. */
static void tell_limit(const struct lab *lab)
{
    struct rlimit limit = { .rlim_cur = 0 };
    bool enough;

    getrlimit(RLIMIT_NOFILE, &limit);
    enough = limit.rlim_cur >= 1024;
    tell(lab, enough ? FINE : LACKING, "nofile", path_of("%llu descriptors%s",
         (unsigned long long)limit.rlim_cur, enough ? ""
         : ": some demos want 1024; ulimit -n 1024").text);
}

static void tell_build(const struct lab *lab)
{
    struct path generator = course_cached(lab, "CMAKE_GENERATOR");
    struct path type = course_cached(lab, "CMAKE_BUILD_TYPE");
    struct path sanitize = course_cached(lab, "LAB_SANITIZE");
    bool on = strcmp(sanitize.text, "ON") == 0 || sanitize.text[0] == '1';

    tell(lab, FINE, "build", path_of("%s %s, sanitizers %s", generator.text,
                                     type.text, on ? "on" : "off").text);
    if (!on)
        tell(lab, LACKING, "", "verdicts on memory: cmake --preset dev has "
             "the sanitizers on");
}

/* A program that reads what it has freed: it must be caught. */
static bool write_patient(const struct path *source)
{
    static const char patient[] =
        "#include <stdlib.h>\n"
        "int main(void)\n"
        "{\n"
        "    volatile char *p = malloc(1);\n\n"
        "    free((void *)p);\n"
        "    return p[0] * 0;\n"
        "}\n";

    return file_write(source->text, patient, sizeof patient - 1);
}

static int examine(struct lab *lab)
{
    struct path compiler = course_cached(lab, "CMAKE_C_COMPILER");
    const char *place = getenv("TMPDIR");
    /* Not in the build folder: who is ill may have none. */
    struct path folder = path_of("%s/lab-doctor-XXXXXX", place != NULL
                                 && *place != '\0' ? place : "/tmp");
    bool there = mkdtemp(folder.text) != NULL;
    struct path source = path_of("%s/doctor.c", folder.text);
    struct path program = path_of("%s/doctor", folder.text);
    const char *cc = compiler.text[0] != '\0' ? compiler.text : "cc";
    const struct probe probes[] = {
        { "compiler", { cc, "--version" }, "", MISSING,
          "a C11 compiler: apt install gcc, or xcode-select --install" },
        { "cmake", { lab->cmake.text, "--version" }, "cmake version", MISSING,
          "apt install cmake, or from cmake.org; 3.20 at least" },
        { "sanitizers", { "/bin/sh", "-c", "\"$0\" -g -fsanitize=address,"
          "undefined \"$1\" -o \"$2\" && { \"$2\"; [ $? -eq 1 ]; } && "
          "echo they find a use after free", cc, source.text,
          program.text }, "they find", MISSING,
          "they do not find a use after free: apt install libasan8 (gcc) "
          "or libclang-rt-dev" },
        { "ninja", { "ninja", "--version" }, ".", LACKING,
          "builds a little faster than make: apt install ninja-build" },
        { "lld", { "ld.lld", "--version" }, "LLD", LACKING,
          "links in half the time, at each check: apt install lld, and "
          "configure again" },
        { "diff", { "diff", "--version" }, "diff", LACKING,
          "lab diff shows two files side by side with it" },
        { "python", { "python3", "-c", "import sys; v = sys.version_info; "
          "print('Python %d.%d.%d' % v[:3], 'is new enough' "
          "if v >= (3, 11) else '')" }, "is new enough", LACKING,
          "the lessons' Python twins need 3.11" },
        { "jupyter", { "python3", "-c", "import nbformat, ipykernel; "
          "print('notebooks run, ipykernel', ipykernel.__version__)" },
          "notebooks run", LACKING,
          "only for notebooks/: pip install jupyterlab" },
    };
    struct doctor doctor = { CORO(doctor), .lab = lab, .probes = probes,
                             .count = sizeof probes / sizeof probes[0] };
    int failed;

    if (!there || !write_patient(&source))
        fprintf(stderr, "lab doctor: write %s: %s\n", source.text,
                strerror(errno));
    failed = lab_run(&doctor.coro);
    text_free(&doctor.output);
    remove(source.text);
    remove(program.text);
    rmdir(folder.text);
    if (failed != 0)
        return failed;
    tell_build(lab);
    tell_limit(lab);
    return doctor.worst;
}

int command_doctor(struct lab *lab, int argc, char **argv)
{
    lab_words(lab, argc, argv, NULL, 0);
    return examine(lab);
}
