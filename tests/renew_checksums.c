/* renew_checksums FILE.h5: what who forges a file does to its checksums. For test_mutated_files.py. */
#include <kramers/file_check.h>

#include <stdio.h>

int main(int count, char **argument) {
    kr_error error;
    if (count != 2) return 2;
    if (kr_file_renew(argument[1], &error) == KR_OK) return 0;
    fprintf(stderr, "%s\n", error.message);
    return 1;
}
