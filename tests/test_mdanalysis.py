"""MDAnalysis reads the profile made for it: every frame, velocity, force and observable."""
from h5md_file import make, need, run

numpy, h5py, mda = need("numpy", "h5py", "MDAnalysis")


def universe(path, particles=7):
    found = mda.Universe.empty(particles, trajectory=True)
    found.load_new(path, format="H5MD", convert_units=False)
    return found


def compare(path):
    found = universe(path)
    with h5py.File(path) as file:
        group = file["particles/trajectory"]
        assert len(found.trajectory) == len(group["position/step"]) == 21
        for frame, ts in enumerate(found.trajectory):
            assert ts.frame == frame and ts.data["step"] == 10 * frame and ts.time == group["position/time"][frame]
            assert ts.dimensions is None
            assert numpy.array_equal(ts.positions, group["position/value"][frame].astype("f4"))
            for have, name, value in ((ts.has_velocities, "velocity", "velocities"), (ts.has_forces, "force", "forces")):
                assert have == (name in group)
                if have:
                    assert numpy.array_equal(getattr(ts, value), group[f"{name}/value"][frame].astype("f4"))
            for name in file["observables"]:
                assert numpy.array_equal(ts.data[name], file[f"observables/{name}/value"][frame])
        last = found.trajectory[-1].positions.copy()
        found.trajectory[3]
        assert numpy.array_equal(found.trajectory[20].positions, last)
    return found


def test_langevin_with_velocities_and_forces():
    found = compare(make("trajectory.profile=mdanalysis", "dynamics.name=langevin", "trajectory.force=true", "landscape.dim=2", "energy.every=10"))
    found.trajectory[0]
    assert {"learning_rate", "temperature", "potential_energy", "kinetic_energy", "well_population", "energy_work", "energy_residual"} < set(found.trajectory.ts.data)


def test_sgld_in_one_dimension():
    compare(make("trajectory.profile=mdanalysis"))


def test_three_dimensions_and_a_schedule():
    compare(make("trajectory.profile=mdanalysis", "landscape.dim=3", "schedule={name: cosine, lr: 0.02}", "trajectory.flush=2"))


def test_a_native_file_says_what_is_wrong():
    # Two dimensions are not for this reader; if that changes, the profile can go.
    try:
        universe(make("landscape.dim=2"))
    except Exception as error:
        print(f"  (native, two dimensions: {type(error).__name__}: {error})")
    else:
        raise AssertionError("MDAnalysis reads the native profile now")


run(globals())
