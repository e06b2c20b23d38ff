/* scn.h - the scenario mini-language, parsed. See tests/mirror/SCN.md. */
#ifndef LAB_SCN_H
#define LAB_SCN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { SCN_IDS = 100 };

enum scn_op {
    OP_TRY, OP_TRYC, OP_WITHIN, /* prefixes: `inner` is the rest of the line */
    OP_SLEEP, OP_AWAIT, OP_SHIELD, OP_WAIT_FOR, OP_GATHER, OP_GATHERX,
    OP_WAIT, OP_ASCOMP, OP_GROUP, OP_SPAWN, OP_LET, OP_CANCEL, OP_UNCANCEL,
    OP_PEEK, OP_CB, OP_SET, OP_FAIL, OP_RETURN, OP_RAISE, OP_LOG
};

struct scn_statement {
    struct scn_statement *next;  /* of the section */
    struct scn_statement *inner; /* after a prefix, or after `do` */
    enum scn_op op;
    int line;
    enum scn_op combinator; /* let */
    int mode;               /* wait: enum wait_until */
    int id;                 /* let: what is bound */
    long number;            /* MS, INT, or TMO */
    bool no_limit;          /* TMO was "-" */
    char *word;             /* log */
    size_t count;
    int ids[SCN_IDS];
};

enum scn_kind { SCN_UNUSED, SCN_FUT, SCN_TASK, SCN_LET };

struct scn_definition {
    enum scn_kind kind;
    bool has_finally;
    struct scn_statement *body, *finally;
};

struct scn {
    struct scn_definition definitions[SCN_IDS];
};

/* Reads a scenario from text. NULL after one line on `errors`,
 * "NAME:LINE: cause". Freed by scn_free. */
struct scn *scn_parse(const char *name, char *text, FILE *errors);
void scn_free(struct scn *scn);

#endif
