/* How many of its proposals a dynamics with a Metropolis test has accepted. Each particle counts since it left the start: proposals
 * of passages that are over are gone with them. */
#include "result_table.h"

#include <kramers/ensemble.h>

#include <math.h>

typedef struct proposals {
    double tried, accepted;
} proposals;

/* false: there is no test, or nobody moves. */
static bool count(const kr_result *r, proposals *sum) {
    const kr_view *view = &r->view;
    *sum = (proposals){0};
    if (r->splitting || !view->dynamics || !view->dynamics->type->proposals || !view->auxiliary[0]) return false;
    view->dynamics->type->proposals(view->dynamics, (size_t)view->particles, view->auxiliary, &sum->tried, &sum->accepted);
    return sum->tried > 0;
}

static bool tried(const void *source, kr_value *value) {
    proposals sum;
    return count(source, &sum) && kr_value_count(value, (uint64_t)sum.tried);
}

static bool fraction(const void *source, kr_value *value) {
    proposals sum;
    return count(source, &sum) && kr_value_number(value, sum.accepted / sum.tried);
}

double kr_result_acceptance(const kr_result *r) {
    proposals sum;
    return count(r, &sum) ? sum.accepted / sum.tried : NAN;
}

const kr_result_row kr_result_of_acceptance[] = {
    KR_ROW("acceptance.fraction", NUMBER, 0, NULL, "share of the proposals that the Metropolis test of the dynamics accepted",
           KR_AT("accepted proposals"), KR_AT("acceptance/fraction"), KR_AT("acceptance"), .get = fraction),
    KR_ROW("acceptance.proposals", COUNT, 0, NULL, "of the particles that move, each since it last left the start",
           KR_NOT("the fraction is what people want to see"), KR_AT("acceptance/proposals"), KR_AT("acceptance_proposals"),
           .get = tried),
    KR_RESULT_END};
