/* Comparison of doubles for tests: cmocka 1.1.5 compares floats in single precision. */
#ifndef ASSERT_CLOSE_H
#define ASSERT_CLOSE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static inline void assert_close_at(double a, double b, double rtol, double atol, const char *text, const char *file, int line) {
    if (!(fabs(a - b) <= atol + rtol * fabs(b))) {
        print_error("%s: %.17g is not %.17g (difference %.3g, relative %.3g)\n", text, a, b, a - b, (a - b) / b);
        _fail(file, line);
    }
}
#define assert_close(a, b, rtol, atol) assert_close_at((a), (b), (rtol), (atol), #a, __FILE__, __LINE__)

#endif
