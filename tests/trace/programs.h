/* programs.h - small runs to draw; each leaves its record in *trace. */
#ifndef TRACE_PROGRAMS_H
#define TRACE_PROGRAMS_H

#include "trace/trace.h"

struct program {
    const char *name, *title, *description;
    const struct coro_type *main;
    const char *task_name; /* hostile: what the one task is called */
    int count;             /* crowd: how many tasks                */
    bool like_one_another; /* crowd: only ten kinds of them        */
    bool real_time;
    size_t limit;          /* trace->limit, or 0                   */
};

/* The runs whose pictures are committed; ends with a NULL name. */
extern const struct program programs[];
extern const struct program hostile, crowd, alike, busy, long_names, real, late;

/* Runs it on a loop of its own; the loop is closed and the tasks are gone
 * when this returns. trace_close(trace) is the caller's. How many events
 * reached a hook that was on the loop before the trace. */
size_t program_run(const struct program *program, struct trace *trace);

#endif
