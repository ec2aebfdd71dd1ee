/* What the files of one instruction set share. */
#ifndef KR_STREAM_ISA_H
#define KR_STREAM_ISA_H

#include "stream.h"

void STREAM(words)(const stream_source *source, kr_draw place, uint32_t *restrict out);
void STREAM(uniform)(size_t n, const double *restrict x, uint32_t *restrict out);
void STREAM(count_words)(const stream_source *source, const uint32_t *word, uint32_t *scratch, word_counts *counts);
void STREAM(count_normals)(const stream_source *source, double *scratch, normal_counts *counts);

/* Vectors of the compiler, of the size of a register: without them it keeps none of these counts in registers. */
#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX2__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif
typedef uint32_t vector_words __attribute__((vector_size(VECTOR_BYTES)));
typedef double vector_numbers __attribute__((vector_size(VECTOR_BYTES)));
typedef int64_t vector_flags __attribute__((vector_size(VECTOR_BYTES)));
enum { WORDS_WIDE = VECTOR_BYTES / 4, NUMBERS_WIDE = VECTOR_BYTES / 8 };

#endif
