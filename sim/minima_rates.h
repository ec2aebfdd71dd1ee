/* Eyring-Kramers rates on a graph of minima, in units of time of the gradient flow. */
#ifndef KR_MINIMA_RATES_H
#define KR_MINIMA_RATES_H

#include "minima_graph.h"

/* Logarithm of the rate from a node over a saddle:
 * |lambda_s| / (2 pi) sqrt(det H / |det H_s|) exp(-(V_s - V) / T). */
double kr_minima_log_rate(const kr_minima_graph *graph, size_t from, const kr_graph_point *saddle, double temperature);

/* The slowest relaxation rate of the Markov chain on all nodes, to full relative accuracy; edges to nowhere are left out. NAN:
 * one node, a graph in several parts, or beyond the range of numbers. */
double kr_minima_gap(const kr_minima_graph *graph, double temperature);

#endif
