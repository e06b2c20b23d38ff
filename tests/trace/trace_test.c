/* trace_test.c - pictures of small runs, and of awkward ones.
 *
 *     trace_test             all promises
 *     trace_test NAME        one of them
 *     trace_test --update    rewrites golden/, for a human to look at
 *
 * The runs use virtual time, so their pictures are compared to the byte.
 */
#include "checkers.h"
#include "programs.h"

#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum form { TEXT, UNICODE, SVG, JSON };

enum {
    COLUMNS = 76,
    ROWS = 24,
    SVG_BYTES = 60 * 1000,
    FRAME = 3 /* lines above a text picture's rows */
};

static int failures;

static void check(bool good, const char *what, const char *about)
{
    if (good)
        return;
    printf("    not so: %s (%s)\n", what, about);
    failures++;
}

static void check_none(const char *wrong, const char *about)
{
    check(wrong == NULL, wrong, about);
}

/* The picture as a string, free() it. Not inlined: gcc 12 takes what
 * open_memstream stores for a pointer to the variable it is stored in. */
__attribute__((noinline))
static char *draw(const struct program *program, const struct trace *trace,
                  enum form form)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int code = 0;

    if (form == SVG)
        code = trace_svg(trace, out, program->name, program->title,
                         program->description);
    else if (form == JSON)
        code = trace_json(trace, out);
    else
        code = trace_text(trace, out, form == UNICODE);
    fclose(out);
    check(code == 0, "the renderer returns 0", program->name);
    return text;
}

static char *run_and_draw(const struct program *program, enum form form)
{
    struct trace trace;
    char *text;

    program_run(program, &trace);
    text = draw(program, &trace, form);
    trace_close(&trace);
    return text;
}

static bool update;

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 20);

    if (text == NULL)
        exit(2);
    if (file != NULL) {
        text[fread(text, 1, (1 << 20) - 1, file)] = '\0';
        fclose(file);
    }
    return text;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");

    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0) {
        perror(path);
        exit(2);
    }
}

/* Prints both from the first line on that differs. */
static void show_difference(const char *path, const char *is,
                            const char *should)
{
    size_t line = 0;

    for (size_t i = 0; is[i] != '\0' && is[i] == should[i]; i++)
        if (is[i] == '\n')
            line = i + 1;
    printf("    %s differs\n    is:     %.*s\n    should: %.*s\n", path,
           (int)strcspn(is + line, "\n"), is + line,
           (int)strcspn(should + line, "\n"), should + line);
}

static void compare(const struct program *program, enum form form,
                    const char *ending)
{
    char *is = run_and_draw(program, form), *should, path[512];

    snprintf(path, sizeof path, "%s/%s.%s", GOLDEN, program->name, ending);
    if (update)
        write_file(path, is);
    should = read_file(path);
    if (strcmp(is, should) != 0) {
        show_difference(path, is, should);
        failures++;
    }
    free(is);
    free(should);
}

/* Columns of a line of our own text: one for each character. */
static int columns(const char *line)
{
    int n = 0;

    for (; *line != '\n' && *line != '\0'; line++)
        n += ((unsigned char)*line & 0xc0) != 0x80;
    return n;
}

static int lines(const char *text)
{
    int n = 0;

    for (; *text != '\0'; text++)
        n += *text == '\n';
    return n;
}

static void check_width(const char *text, const char *about)
{
    for (const char *s = text; *s != '\0'; s += strcspn(s, "\n") + 1) {
        check(columns(s) <= COLUMNS, "no line has more than 76 columns",
              about);
        check(s[0] == '\n' || s[strcspn(s, "\n") - 1] != ' ',
              "no line ends in a space", about);
    }
}

static void check_ascii(const char *text, const char *about)
{
    for (; *text != '\0'; text++)
        check((*text >= ' ' && *text <= '~') || *text == '\n',
              "ASCII mode writes ASCII only", about);
}

static const struct program *const awkward[] = {
    &hostile, &crowd, &alike, &busy, &long_names, &real, &late, NULL
};

/* text: three_sleepers_a_gather_and_sockets_look_as_committed */
static void text(void)
{
    for (const struct program *p = programs; p->name != NULL; p++)
        compare(p, TEXT, "txt");
}

static void text_unicode(void)
{
    for (const struct program *p = programs; p->name != NULL; p++)
        compare(p, UNICODE, "utf8.txt");
}

/* svg_is_xml_and_looks_as_committed, ids_are_scoped */
static void svg(void)
{
    for (const struct program *p = programs; p->name != NULL; p++) {
        char *text = run_and_draw(p, SVG), id[64];

        check_none(check_xml(text), p->name);
        snprintf(id, sizeof id, "<title id=\"t-%s-title\">", p->name);
        check(strstr(text, id) != NULL, "the title's id is scoped", p->name);
        check(strstr(text, p->title) != NULL, "the title is shown", p->name);
        check(strstr(text, p->description) != NULL, "<desc> is there",
              p->name);
        free(text);
        compare(p, SVG, "svg");
    }
}

/* a_thousand_tasks_fit_in_60_kb */
static void svg_crowd(void)
{
    for (const struct program *const *p = awkward; *p != NULL; p++) {
        char *text = run_and_draw(*p, SVG);

        check_none(check_xml(text), (*p)->name);
        check(strlen(text) <= SVG_BYTES, "an SVG has 60 KB at most",
              (*p)->name);
        free(text);
    }
}

static size_t count_of(const char *text, const char *word)
{
    size_t n = 0;

    for (text = strstr(text, word); text != NULL;
         text = strstr(text + 1, word))
        n++;
    return n;
}

static void check_export(const struct program *program)
{
    struct trace trace;
    char *text;

    program_run(program, &trace);
    text = draw(program, &trace, JSON);
    check_none(check_json(text), program->name);
    check_none(check_nesting(text), program->name);
    check(count_of(text, "\"thread_name\"") == trace.row_count,
          "each row has its thread", program->name);
    check(count_of(text, "\"name\":\"running\"") >= trace.steps,
          "each step has its slice", program->name);
    trace_close(&trace);
    free(text);
}

/* the_export_is_json_nests_and_keeps_every_task_and_step */
static void json(void)
{
    for (const struct program *p = programs; p->name != NULL; p++)
        check_export(p);
    for (const struct program *const *p = awkward; *p != NULL; p++)
        check_export(*p);
}

/* a_thousand_rows_fold_to_24_at_most, and_count_all_tasks */
static void crowds(void)
{
    char *text;

    for (const struct program *const *p = awkward; *p != NULL; p++) {
        text = run_and_draw(*p, TEXT);
        check_width(text, (*p)->name);
        check_ascii(text, (*p)->name);
        /* The legend takes two lines or three, and a remark one. */
        check(lines(text) <= FRAME + ROWS + 4, "at most 24 rows",
              (*p)->name);
        free(text);
    }
    text = run_and_draw(&alike, TEXT);
    for (int i = 0; i < 10; i++) {
        char row[64];

        snprintf(row, sizeof row, "\nfetch %d-%d x100 ", 100 * i + 1,
                 100 * i + 100);
        check(strstr(text, row) != NULL, row + 1, "alike");
    }
    free(text);
    text = run_and_draw(&long_names, TEXT);
    check(strstr(text, "a rather long n~ x50 ") != NULL,
          "a long name is cut, its count is not", "long_names");
    free(text);
}

/* markup_escape_codes_and_broken_utf8_in_names_do_no_harm */
static void names(void)
{
    char *text = run_and_draw(&hostile, TEXT);

    check_ascii(text, "hostile");
    check(strstr(text, "\n<&\">' \\??? ?[2J") != NULL,
          "what cannot be shown is a ?", "hostile");
    free(text);
    text = run_and_draw(&hostile, UNICODE);
    check_width(text, "hostile");
    check_none(check_utf8(text), "hostile");
    check(strstr(text, "\n<&\">' \\\xc3\xa9?? ?[2J") != NULL,
          "good UTF-8 is kept", "hostile");
    free(text);
    text = run_and_draw(&hostile, SVG);
    check_none(check_xml(text), "hostile");
    check(strstr(text, "&#60;&#38;&#34;&#62;") != NULL,
          "markup in a name is escaped", "hostile");
    free(text);
    text = run_and_draw(&hostile, JSON);
    check_none(check_json(text), "hostile");
    check(strstr(text, "<&\\\">' \\\\") != NULL, "quotes are escaped",
          "hostile");
    free(text);
}

/* What stands behind the mark of the one row that failed. */
static void check_error(const struct trace *trace, const char *in_text,
                        const char *in_svg)
{
    char *text = draw(&late, trace, TEXT), line[80];
    const char *at;
    int x = 0;

    snprintf(line, sizeof line, "! %s\n", in_text);
    check(strstr(text, line) != NULL, line, "text");
    check_width(text, "late");
    free(text);
    text = draw(&late, trace, SVG);
    snprintf(line, sizeof line, ">error %s</text>", in_svg);
    at = strstr(text, line);
    check(at != NULL, line, "svg");
    while (at != NULL && at > text && at[-1] != '\n')
        at--;
    check(at != NULL && sscanf(at, "<text x=\"%d\"", &x) == 1
          && x + (int)strlen("error ") * 7 + columns(in_svg) * 7 <= 760,
          "it ends inside of the picture", "svg");
    free(text);
}

/* an_error_is_named_where_its_row_ends_at_the_right_edge_too, by_the_name
 * that its own program has for it */
static void errors(void)
{
    struct trace trace;
    const struct task *failed;

    program_run(&late, &trace);
    failed = trace.rows[2].task;
    check_error(&trace, "E_PROTOCOL", "E_PROTOCOL");
    trace_call_error(&trace, failed, "ValueError");
    check_error(&trace, "ValueError", "ValueError");
    check_export(&late);
    trace_call_error(&trace, failed, "AnErrorWithARatherLongName");
    check_error(&trace, "AnErrorWithARatherLongN~",
                "AnErrorWithARatherLongN\xe2\x80\xa6");
    trace_close(&trace);
}

/* two_runs_give_the_same_bytes, in_any_locale: the first record is still
 * there when the second is made, so that no address is the same. */
static void same_bytes(void)
{
    static const char *const locales[] = { "de_DE.UTF-8", "C.UTF-8", "" };

    for (const struct program *p = programs; p->name != NULL; p++) {
        struct trace one, two;

        program_run(p, &one);
        program_run(p, &two);
        for (int form = TEXT; form <= JSON; form++) {
            char *first = draw(p, &one, (enum form)form), *second;

            for (int i = 0; i < 3; i++)
                if (setlocale(LC_ALL, locales[i]) != NULL)
                    break;
            second = draw(p, &two, (enum form)form);
            setlocale(LC_ALL, "C");
            check(strcmp(first, second) == 0, "the same bytes", p->name);
            free(first);
            free(second);
        }
        trace_close(&two);
        trace_close(&one);
    }
}

/* without_memory_the_record_ends_and_says_so */
static void memory(void)
{
    struct program program = programs[1];

    for (program.limit = 1; program.limit < 40; program.limit++) {
        struct trace trace;
        char *text, *full = run_and_draw(&programs[1], TEXT);

        program_run(&program, &trace);
        text = draw(&program, &trace, TEXT);
        check_width(text, "limit");
        check((trace.lost > 0)
              == (strstr(text, "the record ends here") != NULL),
              "a loss is told, and nothing else is", "limit");
        check(trace.lost > 0 || strcmp(text, full) == 0,
              "without a loss nothing is different", "limit");
        check((trace.lost > 0) == (program.limit < 26),
              "concurrent has 26 items", "limit");
        check(program.limit != 10
              || strstr(text, "3 s of virtual time") == NULL,
              "after a loss not even time goes on", "limit");
        free(text);
        text = draw(&program, &trace, SVG);
        check_none(check_xml(text), "limit");
        free(text);
        text = draw(&program, &trace, JSON);
        check_none(check_json(text), "limit");
        check_none(check_nesting(text), "limit");
        free(text);
        free(full);
        trace_close(&trace);
    }
}

/* who_listened_before_goes_on_hearing_everything, close_takes_us_off */
static void hooks(void)
{
    struct loop_options options = { .virtual_time = true };
    struct loop_hook before = { NULL };
    struct trace trace;
    struct loop loop;
    struct error error;

    /* 4 tasks created and 3 timers; each of the 10 steps begins and ends,
     * and one that ends a task says so instead of parking. */
    check(program_run(&programs[0], &trace) == 4 + 3 + 2 * trace.steps,
          "the first hook hears all events", "sequential");
    check(trace.steps == 10, "10 steps", "sequential");
    trace_close(&trace);
    trace_close(&trace);
    check(loop_open(&loop, &options, &error) == 0, "open", "loop");
    loop.hook = &before;
    check(trace_open(&trace, &loop) == 0, "open", "trace");
    check(loop.hook == &trace.hook, "open hangs on", "trace");
    trace_close(&trace);
    check(loop.hook == &before, "close lets go", "trace");
    loop.hook = NULL;
    loop_close(&loop);
}

/* on_the_real_clock_the_loop_blocks_in_poll_and_slices_nest */
static void real_time(void)
{
    char *text = run_and_draw(&real, TEXT);

    check(strstr(text, "#__") != NULL && strstr(text, "virtual") == NULL,
          "the loop ran, then blocked in poll", "real time");
    free(text);
    check_export(&real);
}

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    { "text", text }, { "text_unicode", text_unicode }, { "svg", svg },
    { "svg_crowd", svg_crowd }, { "json", json }, { "crowd", crowds },
    { "names", names }, { "same_bytes", same_bytes }, { "memory", memory },
    { "hooks", hooks }, { "real_time", real_time }, { "errors", errors }
};

int main(int argc, char **argv)
{
    const char *only = argc > 1 ? argv[1] : NULL;
    int passed = 0, failed = 0;

    update = only != NULL && strcmp(only, "--update") == 0;
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        if (only != NULL && !update && strcmp(only, tests[i].name) != 0)
            continue;
        failures = 0;
        tests[i].run();
        printf("%s %s\n", failures == 0 ? "ok  " : "FAIL", tests[i].name);
        passed += failures == 0;
        failed += failures != 0;
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0 || passed == 0;
}
