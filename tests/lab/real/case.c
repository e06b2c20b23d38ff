/* case.c - judges both lessons: says what the functions give. */
#include <stdio.h>

int one(void);
int two(void);

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("one is %d, two is %d\n", one(), two());
    return two() == 2 ? 0 : 1;
}
