/* For tests of what is measured on data: a linear classifier, softmax of W u + b with the loss -ln p[label], on a few fixed data;
 * written with loops over one particle at a time, so that it shares nothing with the networks. */
#ifndef CLASSIFIER_FIXTURE_H
#define CLASSIFIER_FIXTURE_H

#include <kramers/data_sum.h>

#include <math.h>
#include <string.h>

enum {
    FIXTURE_INPUTS = 2,
    FIXTURE_CLASSES = 3,
    FIXTURE_DIM = FIXTURE_CLASSES * (FIXTURE_INPUTS + 1),
    FIXTURE_TRAIN = 12,
    FIXTURE_TEST = 7
};

static const double fixture_train[FIXTURE_TRAIN][FIXTURE_INPUTS] = {{0.1, 1.2},   {-0.3, 0.9},  {0.4, 0.8},  {-0.1, 1.5},
                                                                    {-1.1, -0.4}, {-0.8, -0.9}, {-1.3, 0.1}, {-0.6, -0.5},
                                                                    {1.2, -0.3},  {0.7, -0.8},  {0.9, 0.2},  {1.5, -0.6}};
static const uint32_t fixture_train_label[FIXTURE_TRAIN] = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2};
static const double fixture_test[FIXTURE_TEST][FIXTURE_INPUTS] = {{0.2, 0.7},  {0.0, 0.3}, {-0.9, -0.2}, {-0.5, 0.2},
                                                                  {0.8, -0.1}, {0.5, 0.4}, {0.1, -0.6}};
static const uint32_t fixture_test_label[FIXTURE_TEST] = {0, 0, 1, 1, 2, 2, 2};

/* Of one particle: weights[FIXTURE_DIM]. */
static inline void fixture_probabilities(const double *weight, const double *input, double *probability) {
    double sum = 0;
    for (int c = 0; c < FIXTURE_CLASSES; c++) {
        double output = weight[FIXTURE_CLASSES * FIXTURE_INPUTS + c];
        for (int i = 0; i < FIXTURE_INPUTS; i++) output += weight[c * FIXTURE_INPUTS + i] * input[i];
        sum += probability[c] = exp(output);
    }
    for (int c = 0; c < FIXTURE_CLASSES; c++) probability[c] /= sum;
}

static inline uint32_t fixture_likeliest(const double *probability) {
    uint32_t best = 0;
    for (uint32_t c = 1; c < FIXTURE_CLASSES; c++)
        if (probability[c] > probability[best]) best = c;
    return best;
}

static inline kr_data fixture_data(const kr_landscape *self, kr_data_part part) {
    (void)self;
    bool train = part == KR_DATA_TRAIN;
    return (kr_data){.count = train ? FIXTURE_TRAIN : FIXTURE_TEST,
                     .inputs = FIXTURE_INPUTS,
                     .classes = FIXTURE_CLASSES,
                     .input = train ? fixture_train[0] : fixture_test[0],
                     .label = train ? fixture_train_label : fixture_test_label};
}

static inline void fixture_gather(size_t n, size_t p, const double *x, double *weight) {
    for (size_t i = 0; i < FIXTURE_DIM; i++) weight[i] = x[i * n + p];
}

/* Loss and share of right ones of one particle. */
static inline double fixture_loss(const double *weight, kr_data_part part, double *correct) {
    kr_data data = fixture_data(NULL, part);
    double loss = 0, right = 0, probability[FIXTURE_CLASSES];
    for (size_t m = 0; m < data.count; m++) {
        fixture_probabilities(weight, data.input + m * FIXTURE_INPUTS, probability);
        loss -= log(probability[data.label[m]]);
        right += fixture_likeliest(probability) == data.label[m];
    }
    if (correct) *correct = right / (double)data.count;
    return loss / (double)data.count;
}

static inline void fixture_evaluate(const kr_landscape *self, kr_data_part part, size_t n, const double *x, double *loss,
                                    double *correct) {
    (void)self;
    double weight[FIXTURE_DIM], right;
    for (size_t p = 0; p < n; p++) {
        fixture_gather(n, p, x, weight);
        double value = fixture_loss(weight, part, &right);
        if (loss) loss[p] = value;
        if (correct) correct[p] = right;
    }
}

static inline void fixture_predict(const kr_landscape *self, size_t count, const double *input, size_t n, const double *x,
                                   double *probability) {
    (void)self;
    double weight[FIXTURE_DIM], each[FIXTURE_CLASSES];
    for (size_t p = 0; p < n; p++) {
        fixture_gather(n, p, x, weight);
        for (size_t m = 0; m < count; m++) {
            fixture_probabilities(weight, input + m * FIXTURE_INPUTS, each);
            for (size_t c = 0; c < FIXTURE_CLASSES; c++) probability[(m * FIXTURE_CLASSES + c) * n + p] = each[c];
        }
    }
}

static inline void fixture_energy(const kr_landscape *self, size_t n, const double *x, double *energy) {
    fixture_evaluate(self, KR_DATA_TRAIN, n, x, energy, NULL);
}

static inline void fixture_gradient(const kr_landscape *self, size_t n, const double *x, double *gradient) {
    double weight[FIXTURE_DIM], each[FIXTURE_CLASSES];
    (void)self;
    memset(gradient, 0, FIXTURE_DIM * n * sizeof *gradient);
    for (size_t p = 0; p < n; p++) {
        fixture_gather(n, p, x, weight);
        for (size_t m = 0; m < FIXTURE_TRAIN; m++) {
            fixture_probabilities(weight, fixture_train[m], each);
            for (size_t c = 0; c < FIXTURE_CLASSES; c++) {
                double slope = (each[c] - (fixture_train_label[m] == c)) / FIXTURE_TRAIN;
                for (size_t i = 0; i < FIXTURE_INPUTS; i++)
                    gradient[(c * FIXTURE_INPUTS + i) * n + p] += slope * fixture_train[m][i];
                gradient[(FIXTURE_CLASSES * FIXTURE_INPUTS + c) * n + p] += slope;
            }
        }
    }
}

static const kr_data_sum fixture_sum = {.data = fixture_data, .evaluate = fixture_evaluate, .predict = fixture_predict};

static const kr_landscape_type fixture_type = {.about = {.name = "classifier", .doc = "for tests"},
                                               .dim = FIXTURE_DIM,
                                               .energy = fixture_energy,
                                               .gradient = fixture_gradient,
                                               .data = &fixture_sum};

#endif
