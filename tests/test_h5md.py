"""H5MD 1.1 as the specification words it, looked at with h5py."""
from h5md_file import make, need, run

h5py, numpy = need("h5py", "numpy")


def elements(file):
    for parent in ("particles/trajectory", "observables"):
        for name, group in file[parent].items():
            if isinstance(group, h5py.Group) and name != "box":
                yield f"{parent}/{name}", group


def check(path, dimension, dim):
    with h5py.File(path) as file:
        assert list(file["h5md"].attrs["version"]) == [1, 1] and file["h5md"].attrs["version"].dtype.kind == "i"
        for where in ("author", "creator"):
            assert file[f"h5md/{where}"].attrs["name"]
        assert file["h5md/creator"].attrs["name"] == b"kramers" or file["h5md/creator"].attrs["name"] == "kramers"
        assert file["h5md/creator"].attrs["version"]
        box = file["particles/trajectory/box"]
        assert box.attrs["dimension"] == dimension
        kind = h5py.h5t.check_string_dtype(box.attrs.get_id("boundary").dtype)
        assert kind.length == 4 and [bytes(b) for b in box.attrs["boundary"]] == [b"none"] * dimension
        assert "edges" not in box
        position = file["particles/trajectory/position"]
        assert position["value"].shape == (21, 7, dimension) and position["value"].dtype == "<f8"
        assert numpy.array_equal(position["step"][()], 10 * numpy.arange(21)) and position["step"].dtype.kind == "i"
        assert numpy.array_equal(file["particles/trajectory/id"][()], numpy.arange(7))
        assert not position["value"][:, :, dim:].any()
        names = []
        for name, group in elements(file):
            names.append(name.split("/")[-1])
            assert set(group) == {"step", "time", "value"}, name
            assert group["step"] == position["step"] and group["time"] == position["time"], f"{name}: another grid"
            assert len(group["value"]) == 21
            for one in group.values():
                assert "unit" not in one.attrs
        assert len(list(file["particles"])) == 1
        return names


def test_native():
    names = check(make("landscape.dim=2"), 2, 2)
    assert sorted(names) == ["learning_rate", "position", "potential_energy", "temperature", "well_population"]


def test_velocity_and_force():
    names = check(make("dynamics.name=langevin", "trajectory.force=true"), 1, 1)
    assert {"velocity", "force", "kinetic_energy"} < set(names)


def test_mdanalysis_profile_is_three_dimensional():
    check(make("trajectory.profile=mdanalysis", "landscape.dim=2", "trajectory.force=true"), 3, 2)


def test_parameters_are_attributes():
    with h5py.File(make("landscape.barrier=1.5", "ensemble.seed=9", "noise={name: isotropic, sigma: 0.25}")) as file:
        group = file["parameters/kramers"]
        assert group["landscape"].attrs["barrier"] == 1.5 and group["noise"].attrs["sigma"] == 0.25
        assert group.attrs["seed"] == 9 and b"barrier: 1.5" in group["scene"][()]
        assert b".h5" not in group["scene"][()], "the file's own name is no part of the scene"


def test_temperature_is_the_one_theory_predicts():
    # T + eta sigma^2 / (2 B), leading order
    settings = ("dynamics.temperature=0.2", "schedule.lr=0.01", "noise={name: isotropic, sigma: 3, batch_size: 2}")
    with h5py.File(make(*settings)) as file:
        assert numpy.allclose(file["observables/temperature/value"][()], 0.2 + 0.01 * 9 / 4, rtol=1e-14)


def test_frozen_particles_are_nan():
    settings = ("schedule.lr=0.3", "dynamics.temperature=5", "ensemble.max_diverged=1", "ensemble.steps=20", "trajectory.every=1",
                "escape.until={minimum: 1, radius: 0.01}")
    with h5py.File(make(*settings)) as file:
        position = file["particles/trajectory/position/value"][()]
        assert numpy.isnan(position[-1]).any(), "nothing diverged: the test says nothing"
        lost = numpy.isnan(position)
        assert (lost[1:] >= lost[:-1]).all() and not numpy.isinf(position).any()


def test_no_times_of_modification():
    # Object headers of a data set carry the message 0x12 or 0x0e then.
    path = make()
    with h5py.File(path) as file:
        stamps = []
        file.visititems(lambda name, one: stamps.append(h5py.h5g.get_objinfo(one.id).mtime))
        assert len(stamps) > 20 and not any(stamps)


run(globals())
