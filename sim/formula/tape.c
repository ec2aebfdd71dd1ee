/* From a graph to steps: which operations are one step together, their order, and rows of work space that are used again. */
#include "tape.h"

#include <stdlib.h>
#include <string.h>

static const uint32_t nowhere = UINT32_MAX;

typedef struct use {
    bool live;     /* some result is made of it */
    bool row;      /* it must stand in a row, though it is a number */
    bool within;   /* a product that is part of the sum that uses it */
    uint32_t uses; /* as a part of others, and as a result */
    uint32_t last; /* step that reads it last */
    uint32_t result;
    kr_row place;
} use;

typedef struct maker {
    const kr_expression *e;
    use *use; /* [e->count] */
    kr_tape *tape;
    uint32_t *from; /* [steps][3] nodes of a step's a, b, c; nowhere: none */
    uint32_t *node; /* [steps] that it makes; nowhere: a copy */
} maker;

static kr_node node_of(const maker *m, uint32_t node) {
    return m->e->node[node];
}

static bool number(const maker *m, uint32_t node) {
    return node_of(m, node).operation == KR_OF_NUMBER;
}

static double value(const maker *m, uint32_t node) {
    return node_of(m, node).value;
}

static size_t parts(kr_operation operation) {
    return operation <= KR_OF_PARAMETER ? 0 : operation < KR_OF_POWER ? 2 : 1;
}

/* A product that nothing else needs becomes one step with the sum or difference that does. */
static void join_product(maker *m, uint32_t product) {
    if (node_of(m, product).operation == KR_OF_PRODUCT && m->use[product].uses == 1) m->use[product].within = true;
}

static void look(maker *m, size_t count, const uint32_t *results) {
    for (uint32_t i = 0; i < m->e->count; i++) m->use[i].result = nowhere;
    for (size_t r = 0; r < count; r++) {
        use *u = &m->use[results[r]];
        u->live = u->row = true;
        u->uses += 2; /* a result stands in a row of its own */
        if (u->result == nowhere) u->result = (uint32_t)r;
    }
    for (uint32_t i = m->e->count; i-- > 0;) {
        kr_node node = node_of(m, i);
        for (size_t k = 0; m->use[i].live && k < parts(node.operation); k++) {
            use *part = &m->use[k ? node.b : node.a];
            part->live = true;
            part->uses++;
            if (node.operation == KR_OF_LEAST || node.operation == KR_OF_MOST || node.operation == KR_OF_LESS) part->row = true;
        }
    }
    for (uint32_t i = 0; i < m->e->count; i++) {
        kr_node node = node_of(m, i);
        if (!m->use[i].live || (node.operation != KR_OF_SUM && node.operation != KR_OF_DIFFERENCE)) continue;
        join_product(m, node.b);
        if (!m->use[node.b].within) join_product(m, node.a);
    }
}

/* ---- steps ---- */

static void emit(maker *m, kr_tape_operation operation, uint32_t node, uint32_t a, uint32_t b, uint32_t c, double k, double l) {
    size_t at = m->tape->count++;
    const uint32_t from[3] = {a, b, c};
    m->tape->step[at] = (kr_tape_step){.operation = operation, .k = k, .l = l};
    memcpy(m->from + 3 * at, from, sizeof from);
    m->node[at] = node;
    for (size_t i = 0; i < 3; i++)
        if (from[i] != nowhere) m->use[from[i]].last = (uint32_t)at;
}

/* product + other, product - other or (negative) other - product */
static void emit_joint(maker *m, uint32_t i, uint32_t product, uint32_t other, bool less, bool negative) {
    kr_node p = node_of(m, product);
    bool scale = number(m, p.a), plain = number(m, other);
    double k = scale ? value(m, p.a) : 0, l = plain ? (less ? -value(m, other) : value(m, other)) : 0;
    if (scale) {
        kr_tape_operation operation = plain ? KR_TAPE_SCALE_ADD_NUMBER : less ? KR_TAPE_SCALE_LESS : KR_TAPE_SCALE_ADD;
        emit(m, operation, i, p.b, nowhere, plain ? nowhere : other, negative ? -k : k, l);
    } else if (plain) {
        emit(m, negative ? KR_TAPE_NUMBER_LESS_PRODUCT : KR_TAPE_MULTIPLY_ADD_NUMBER, i, p.a, p.b, nowhere, l, 0);
    } else {
        kr_tape_operation operation = negative ? KR_TAPE_LESS_PRODUCT : less ? KR_TAPE_MULTIPLY_LESS : KR_TAPE_MULTIPLY_ADD;
        emit(m, operation, i, p.a, p.b, other, 0, 0);
    }
}

static void emit_sum(maker *m, uint32_t i, kr_node node) {
    bool less = node.operation == KR_OF_DIFFERENCE;
    if (m->use[node.b].within) {
        emit_joint(m, i, node.b, node.a, false, less);
    } else if (m->use[node.a].within) {
        emit_joint(m, i, node.a, node.b, less, false);
    } else if (number(m, node.b)) {
        emit(m, KR_TAPE_SUM_NUMBER, i, node.a, nowhere, nowhere, less ? -value(m, node.b) : value(m, node.b), 0);
    } else if (number(m, node.a)) {
        emit(m, less ? KR_TAPE_NUMBER_LESS : KR_TAPE_SUM_NUMBER, i, node.b, nowhere, nowhere, value(m, node.a), 0);
    } else {
        emit(m, less ? KR_TAPE_DIFFERENCE : KR_TAPE_SUM, i, node.a, node.b, nowhere, 0, 0);
    }
}

static void emit_node(maker *m, uint32_t i) {
    kr_node node = node_of(m, i);
    switch (node.operation) {
    case KR_OF_NUMBER: emit(m, KR_TAPE_FILL, i, nowhere, nowhere, nowhere, node.value, 0); return;
    case KR_OF_VARIABLE:
    case KR_OF_PARAMETER: return;
    case KR_OF_SUM:
    case KR_OF_DIFFERENCE: emit_sum(m, i, node); return;
    case KR_OF_PRODUCT:
        if (number(m, node.a))
            emit(m, KR_TAPE_SCALE, i, node.b, nowhere, nowhere, value(m, node.a), 0);
        else
            emit(m, KR_TAPE_PRODUCT, i, node.a, node.b, nowhere, 0, 0);
        return;
    case KR_OF_QUOTIENT:
        if (number(m, node.a))
            emit(m, KR_TAPE_NUMBER_OVER, i, node.b, nowhere, nowhere, value(m, node.a), 0);
        else
            emit(m, KR_TAPE_QUOTIENT, i, node.a, node.b, nowhere, 0, 0);
        return;
    case KR_OF_LEAST: emit(m, KR_TAPE_LEAST, i, node.a, node.b, nowhere, 0, 0); return;
    case KR_OF_MOST: emit(m, KR_TAPE_MOST, i, node.a, node.b, nowhere, 0, 0); return;
    case KR_OF_LESS: emit(m, KR_TAPE_LESS, i, node.a, node.b, nowhere, 0, 0); return;
    default: break;
    }
    kr_tape_operation function = (kr_tape_operation)(KR_TAPE_POWER + (node.operation - KR_OF_POWER)); /* in the same order */
    emit(m, function, i, node.a, nowhere, nowhere, node.value, 0);
}

static void emit_all(maker *m, size_t count, const uint32_t *results) {
    for (uint32_t i = 0; i < m->e->count; i++) {
        const use *u = &m->use[i];
        if (u->live && !u->within && (u->row || !number(m, i))) emit_node(m, i);
    }
    for (size_t r = 0; r < count; r++)
        if (m->use[results[r]].result != r || node_of(m, results[r]).operation == KR_OF_VARIABLE)
            emit(m, KR_TAPE_COPY, nowhere, results[r], nowhere, nowhere, (double)r, 0); /* k: the row, until it has its place */
}

/* ---- rows ---- */

static kr_row place_of(const maker *m, uint32_t node) {
    if (node == nowhere) return (kr_row){KR_ROW_VARIABLE, 0};
    kr_node which = node_of(m, node);
    return which.operation == KR_OF_VARIABLE ? (kr_row){KR_ROW_VARIABLE, which.a} : m->use[node].place;
}

/* A row is free again behind the step that reads it last; a step never writes to a row that it reads. */
static void give_rows(maker *m, uint32_t *free_rows) {
    size_t free_count = 0;
    for (size_t s = 0; s < m->tape->count; s++) {
        kr_tape_step *step = &m->tape->step[s];
        const uint32_t *from = m->from + 3 * s;
        use *made = m->node[s] == nowhere ? NULL : &m->use[m->node[s]];
        if (!made) {
            step->to = (kr_row){KR_ROW_RESULT, (uint32_t)step->k};
        } else if (made->result != nowhere) {
            step->to = (kr_row){KR_ROW_RESULT, made->result};
        } else {
            step->to = (kr_row){KR_ROW_WORK, free_count ? free_rows[--free_count] : (uint32_t)m->tape->work++};
        }
        if (made) made->place = step->to;
        step->a = place_of(m, from[0]);
        step->b = place_of(m, from[1]);
        step->c = place_of(m, from[2]);
        for (size_t k = 0; k < 3; k++) {
            bool again = from[k] == nowhere || (k > 0 && from[k] == from[0]) || (k > 1 && from[k] == from[1]);
            kr_row row = place_of(m, from[k]);
            if (!again && row.kind == KR_ROW_WORK && m->use[from[k]].last == s) free_rows[free_count++] = row.number;
        }
    }
}

kr_status kr_tape_create(kr_tape *tape, const kr_expression *e, size_t count, const uint32_t *results, kr_error *error) {
    size_t most = e->count + count;
    maker m = {.e = e, .tape = tape};
    *tape = (kr_tape){.step = malloc(most * sizeof *tape->step)};
    m.use = calloc(e->count, sizeof *m.use);
    m.from = malloc(4 * most * sizeof *m.from);
    uint32_t *free_rows = malloc(most * sizeof *free_rows);
    kr_status status = KR_OK;
    if (!tape->step || !m.use || !m.from || !free_rows) {
        status = kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a formula");
    } else {
        m.node = m.from + 3 * most;
        look(&m, count, results);
        emit_all(&m, count, results);
        give_rows(&m, free_rows);
        kr_tape_step *fit = realloc(tape->step, (tape->count + 1) * sizeof *fit);
        if (fit) tape->step = fit;
    }
    free(m.use);
    free(m.from);
    free(free_rows);
    if (status) kr_tape_destroy(tape);
    return status;
}

void kr_tape_destroy(kr_tape *tape) {
    free(tape->step);
    *tape = (kr_tape){.count = 0};
}
