# The rooms from the bottom up: a room uses those before it and none behind it, by includes and by calls; no two files of a room use
# each other in a circle (tests/check_rooms.py). Rooms of plug-ins do not use each other.
set(KRAMERS_ROOMS
  base disk hdf5 numerics geometry formula datasets landscapes engine statistics splitting
  solvers/problem solvers/chain solvers/fokker_planck solvers/underdamped solvers/network
  dynamics noise schedules theory observers plugins
  scene files run sweep
  viz/draw viz/widgets viz/model viz/landscape viz/networks viz/instruments viz/controls viz/window
  cli/report cli)
set(KRAMERS_PLUGIN_ROOMS landscapes dynamics noise schedules theory observers)
# A public header belongs to the room of the source file of its name; these have none.
set(KRAMERS_HEADER_ROOMS data_sum=geometry activation_math=base api=base interval=base parameter_rows=base plugin_module=plugins plugin=base vector_math=base statistics=statistics energy=engine
    survival=statistics theory=engine transitions=statistics)
