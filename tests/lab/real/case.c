/* case.c - judges both lessons: says what the functions give, and leaves its
 * verdict in --json FILE. */
#include <stdio.h>

int one(void);
int two(void);

int main(int argc, char **argv)
{
    FILE *json = argc > 2 ? fopen(argv[2], "w") : NULL;
    int got = two();

    printf("one is %d, two is %d\n", one(), got);
    if (json == NULL)
        return 2;
    fprintf(json, "{\"lesson\":\"two\",\"status\":\"%s\"}\n",
            got == 2 ? "passed" : "not yet");
    fclose(json);
    return got == 2 ? 0 : 1;
}
