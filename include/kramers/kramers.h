/* The whole public interface of libkramers. */
#ifndef KRAMERS_KRAMERS_H
#define KRAMERS_KRAMERS_H

#include <kramers/basin.h>
#include <kramers/block.h>
#include <kramers/boltzmann_sample.h>
#include <kramers/candidates.h>
#include <kramers/critical_points.h>
#include <kramers/cycle_survival.h>
#include <kramers/density_curve.h>
#include <kramers/dynamics.h>
#include <kramers/energy.h>
#include <kramers/ensemble.h>
#include <kramers/escape.h>
#include <kramers/exponential.h>
#include <kramers/interval.h>
#include <kramers/landscape.h>
#include <kramers/model.h>
#include <kramers/noise.h>
#include <kramers/number_text.h>
#include <kramers/observer.h>
#include <kramers/parameter.h>
#include <kramers/parameter_rows.h>
#include <kramers/path.h>
#include <kramers/plugin_module.h>
#include <kramers/plugin_paths.h>
#include <kramers/registry.h>
#include <kramers/result_row.h>
#include <kramers/run.h>
#include <kramers/scalar_math.h>
#include <kramers/scene.h>
#include <kramers/schedule.h>
#include <kramers/session.h>
#include <kramers/shipped_files.h>
#include <kramers/splitting.h>
#include <kramers/stationary_density.h>
#include <kramers/stationary_populations.h>
#include <kramers/statistics.h>
#include <kramers/status.h>
#include <kramers/survival.h>
#include <kramers/sweep.h>
#include <kramers/theory.h>
#include <kramers/trajectory.h>
#include <kramers/transitions.h>
#include <kramers/version.h>

#endif
