/* Sums and products of pairs of doubles after Dekker (1971) and Knuth: high + low is the number, low at most half a unit of the
 * last place of high. */
#include <kramers/scalar_math.h>
#include <kramers/vector_math.h>

typedef struct pair {
    double high, low;
} pair;

/* a + b exactly, |a| >= |b|. */
static pair quick_sum(double a, double b) {
    double sum = a + b;
    return (pair){sum, b - (sum - a)};
}

/* a + b exactly. */
static pair exact_sum(double a, double b) {
    double sum = a + b, part = sum - a;
    return (pair){sum, (a - (sum - part)) + (b - part)};
}

/* a b exactly. */
static pair exact_product(double a, double b) {
    double product = a * b;
    return (pair){product, fma(a, b, -product)};
}

static pair times(pair a, pair b) {
    pair product = exact_product(a.high, b.high);
    return quick_sum(product.high, product.low + fma(a.high, b.low, a.low * b.high));
}

/* a + b where |a| >= |b|. */
static pair plus(pair a, pair b) {
    pair sum = quick_sum(a.high, b.high);
    return quick_sum(sum.high, sum.low + (a.low + b.low));
}

/* log 2 = LOG_2_HIGH + LOG_2_LOW to 86 bits; the products of the first, of 32 bits, with exponents are exact. */
static const double LOG_2_HIGH = 0x1.62e42fee00000p-1, LOG_2_LOW = 0x1.a39ef35793c76p-33;
static const pair third = {0x1.5555555555555p-2, 0x1.5555555555555p-56}, fifth = {0x1.999999999999ap-3, -0x1.999999999999ap-57};

/* log(x) to 69 bits for finite positive x. With x = 2^k m, m in [sqrt(1/2), sqrt(2)), and s = (m-1)/(m+1):
 * log m = 2 s (1 + z/3 + z^2/5 + ...), z = s^2 <= 0.0295. */
static pair log_pair(double x) {
    const uint64_t root_half = UINT64_C(0x3fe6a09e667f3bcd), one = UINT64_C(0x3ff0000000000000);
    double shift = 0;
    if (x < 0x1p-1022) {
        x *= 0x1p54;
        shift = 54;
    }
    uint64_t t = kr_bits(x) + (one - root_half);
    double k = (double)(int)(t >> 52) - 1023 - shift;
    double m = kr_from_bits((t & UINT64_C(0x000fffffffffffff)) + root_half);
    pair above = exact_sum(m, 1);
    double quotient = (m - 1) / above.high;
    double rest = fma(-quotient, above.high, m - 1) - quotient * above.low;
    pair s = quick_sum(quotient, rest / above.high), z = times(s, s);
    double tail = 1.0 / 33;
    for (int n = 31; n >= 7; n -= 2) tail = fma(tail, z.high, 1.0 / n);
    pair series = plus(fifth, (pair){z.high * tail, 0});
    series = plus(third, times(z, series));
    series = plus((pair){1, 0}, times(z, series));
    pair log_m = times((pair){2 * s.high, 2 * s.low}, series);
    pair sum = exact_sum(k * LOG_2_HIGH, log_m.high);
    return quick_sum(sum.high, sum.low + fma(k, LOG_2_LOW, log_m.low));
}

static double power_of_two(int k) {
    return kr_from_bits((uint64_t)(k + 1023) << 52);
}

/* exp(x), -746 <= x.high <= 710. With k = round(x / log 2) and r = x - k log 2, |r| <= 0.35: 2^k (1 + r + r^2/2 + r^3 P(r)). */
static double exp_pair(pair x) {
    double k = fma(x.high, 0x1.71547652b82fep+0, KR_ROUND) - KR_ROUND;
    pair low = exact_product(-k, LOG_2_LOW), r = exact_sum(fma(-k, LOG_2_HIGH, x.high), low.high);
    r = quick_sum(r.high, r.low + (low.low + x.low));
    double tail = 0, factorial = 1307674368000; /* 15! */
    for (int n = 15; n >= 3; n--) {
        tail = fma(tail, r.high, 1 / factorial);
        factorial /= n;
    }
    tail *= r.high * r.high * r.high;
    pair square = exact_product(0.5 * r.high, r.high), sum = quick_sum(1, r.high), more = exact_sum(sum.high, square.high);
    double rest = tail + (square.low + (sum.low + more.low));
    rest = fma(r.low, more.high + rest, rest);
    int exponent = (int)k;
    if (exponent < -1020) return (more.high + rest) * power_of_two(exponent + 200) * 0x1p-200;
    return (more.high + rest) * power_of_two(exponent - 1) * 2; /* 2^(k-1) never overflows where the result does not */
}

double kr_pow(double base, double exponent) {
    if (exponent == 0 || base == 1) return 1;
    if (!(base >= 0) || isnan(exponent)) return NAN;
    if (base == 0 || isinf(base)) return (base == 0) == (exponent > 0) ? 0 : INFINITY;
    pair logarithm = log_pair(base);
    double size = exponent * logarithm.high;
    if (size < -746) return 0;
    if (size > 710) return INFINITY;
    pair product = exact_product(exponent, logarithm.high);
    return exp_pair(quick_sum(product.high, fma(exponent, logarithm.low, product.low)));
}

/* sin and cos of r, |r| <= pi/4. */
static double sine_of(pair r) {
    double z = r.high * r.high;
    double tail = -1.0 / 121645100408832000;
    tail = fma(tail, z, 1.0 / 355687428096000);
    tail = fma(tail, z, -1.0 / 1307674368000);
    tail = fma(tail, z, 1.0 / 6227020800);
    tail = fma(tail, z, -1.0 / 39916800);
    tail = fma(tail, z, 1.0 / 362880);
    tail = fma(tail, z, -1.0 / 5040);
    tail = fma(tail, z, 1.0 / 120);
    tail *= z * z * r.high;
    pair cube = times(times(r, r), times(r, (pair){0.5 * third.high, 0.5 * third.low}));
    pair sum = quick_sum(r.high, -cube.high);
    return sum.high + (tail + (sum.low + (r.low - cube.low)));
}

static double cosine_of(pair r) {
    double z = r.high * r.high;
    double tail = -1.0 / 6402373705728000;
    tail = fma(tail, z, 1.0 / 20922789888000);
    tail = fma(tail, z, -1.0 / 87178291200);
    tail = fma(tail, z, 1.0 / 479001600);
    tail = fma(tail, z, -1.0 / 3628800);
    tail = fma(tail, z, 1.0 / 40320);
    tail = fma(tail, z, -1.0 / 720);
    tail *= z * z * z;
    pair square = times(r, r), half = {0.5 * square.high, 0.5 * square.low};
    pair fourth = times(half, times(half, third)); /* r^4/12 */
    pair sum = quick_sum(1, -half.high), more = exact_sum(sum.high, 0.5 * fourth.high);
    return more.high + (tail + (more.low + (sum.low - half.low + 0.5 * fourth.low)));
}

/* x - k pi/2 is exact in its first part: there pi/2 has its full 53 bits and the difference is below 1. */
double kr_cos(double x) {
    if (!(fabs(x) <= 0x1p30)) return NAN;
    double k = fma(x, 0x1.45f306dc9c883p-1, KR_ROUND) - KR_ROUND;
    double first = fma(-k, 0x1.921fb54442d18p+0, x);
    pair second = exact_product(-k, 0x1.1a62633145c07p-54), r = exact_sum(first, second.high);
    r = quick_sum(r.high, r.low + fma(-k, -0x1.f1976b7ed8fbcp-110, second.low));
    switch ((int)k & 3) {
    case 0: return cosine_of(r);
    case 1: return -sine_of(r);
    case 2: return -cosine_of(r);
    default: return sine_of(r);
    }
}
