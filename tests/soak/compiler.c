/* A compiler that is a program, not a script: the real one, with one word more. The soak builds two of them, of the
   same size, and exchanges one for the other. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
    char **words = calloc((size_t)argc + 2, sizeof *words);
    if (words == NULL) return 125;
    memcpy(words, argv, (size_t)argc * sizeof *words);
    words[argc] = "-DTOOL=" VALUE;
    execv(REAL, words);
    return 127;
}
