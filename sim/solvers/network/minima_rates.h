/* Eyring-Kramers rates on a graph of minima, per unit of time of the bath's equation. */
#ifndef KR_MINIMA_RATES_H
#define KR_MINIMA_RATES_H

#include "geometry/minima_graph.h"
#include "solvers/problem/bath.h"

/* Logarithm of the rate from a node over a saddle: l / (2 pi) sqrt(det H / |det H_s|) exp(-(V_s - V) / T), where l is the growth
 * rate of the unstable direction at the saddle: |lambda_s| for gradient flow, and with momentum and friction (Langer 1969)
 * sqrt(gamma^2/4 + |lambda_s|) - gamma/2. */
double kr_minima_log_rate(const kr_minima_graph *graph, size_t from, const kr_graph_point *saddle, const kr_bath *bath);

/* The slowest relaxation rate of the Markov chain on all nodes, to full relative accuracy; edges to nowhere are left out. NAN:
 * one node, a graph in several parts, or beyond the range of numbers. */
double kr_minima_gap(const kr_minima_graph *graph, const kr_bath *bath);

#endif
