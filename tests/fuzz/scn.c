/* scn.c - a scenario is read, or refused in one line that names the place,
 * and then nothing of it is left. */
#include "fuzz.h"

#include "scn.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), *said;
    size_t length;
    FILE *errors = open_memstream(&said, &length);
    struct scn *scn;

    PROMISE(text != NULL && errors != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    scn = scn_parse("it", text, errors);
    fclose(errors);
    if (scn != NULL) {
        PROMISE(length == 0 && scn->definitions[0].kind == SCN_TASK);
        scn_free(scn);
    } else {
        PROMISE(strncmp(said, "it:", 3) == 0);
        PROMISE(strchr(said, '\n') == said + length - 1);
    }
    free(said);
    free(text);
    return 0;
}
