"""Each way in which one object or attribute of an HDF5 file can be another than the one that is expected there."""
import h5py
import numpy

LITTLE_VALUES = {"negative": -3, "nan": numpy.nan, "infinite": numpy.inf, "largest": None}


def of_type(value, kind):
    """The values as another type, as far as that has them."""
    shape = numpy.shape(value)
    number = numpy.asarray(value)
    if number.dtype.kind not in "iuf":
        number = numpy.ones(shape)
    number = numpy.nan_to_num(number.astype("f8"), posinf=1e30, neginf=-1e30)
    if kind == "integer":
        return numpy.clip(number, -2e9, 2e9).astype("i4"), None
    if kind == "double":
        return number, None
    if kind == "big-endian float":
        return numpy.clip(number, -1e30, 1e30).astype(">f4"), None
    if kind == "text":
        return numpy.full(shape, b"text", dtype="S8"), None
    if kind == "compound":
        made = numpy.zeros(shape, dtype=[("a", "f8"), ("b", "i4")])
        made["a"] = number
        return made, None
    if kind == "enum":
        return numpy.ones(shape, dtype="i8"), h5py.enum_dtype({"A": 0, "B": 1}, basetype="i8")
    if kind == "opaque":
        return numpy.zeros(shape, dtype="V8"), None
    if kind == "array of numbers":
        return numpy.zeros(shape, dtype=[("a", "f8", (3,))]), None
    raise ValueError(kind)


RETYPED = ["integer", "double", "big-endian float", "text", "compound", "enum", "opaque", "array of numbers"]


def put(group, name, value, dtype=None):
    del group[name]
    return group.create_dataset(name, data=value, dtype=dtype)


def split(f, path):
    parent, name = path.rsplit("/", 1)
    return f[parent or "/"], name


def keep_attributes(function):
    """A new data set has the attributes of the old one."""
    def wrapped(f, path):
        old = f[path]
        kept = list(old.attrs.items()) if isinstance(old, h5py.Dataset) else []
        function(f, path)
        fresh = f.get(path) if f.get(path, getlink=True).__class__ is h5py.HardLink else None
        for key, value in kept:
            if isinstance(fresh, h5py.Dataset):
                fresh.attrs[key] = value
    return wrapped


def links_and_kinds():
    def delete(f, path):
        del f[path]

    def soft(f, path):
        group, name = split(f, path)
        del group[name]
        group[name] = h5py.SoftLink("/nowhere/at/all")

    def soft_cycle(f, path):
        group, name = split(f, path)
        del group[name]
        group[name] = h5py.SoftLink(path)

    def external(f, path):
        group, name = split(f, path)
        del group[name]
        group[name] = h5py.ExternalLink("valid.h5", path)

    def external_pipe(f, path):
        group, name = split(f, path)
        del group[name]
        group[name] = h5py.ExternalLink("pipe", "/")

    def hard_cycle(f, path):
        group, name = split(f, path)
        del group[name]
        made = group.create_group(name)
        made[name] = made
        made["value"] = made

    def root(f, path):
        group, name = split(f, path)
        del group[name]
        group[name] = f["/"]

    def named_type(f, path):
        group, name = split(f, path)
        del group[name]
        group[name] = numpy.dtype("f8")

    def empty_group(f, path):
        group, name = split(f, path)
        del group[name]
        group.create_group(name)

    def a_number(f, path):
        put(*split(f, path), 1.0)

    def many_numbers(f, path):
        put(*split(f, path), numpy.arange(100.0))
    made = {"deleted": delete, "dangling link": soft, "link to itself": soft_cycle, "external link": external,
            "external link to a pipe": external_pipe, "group in itself": hard_cycle, "root below itself": root,
            "committed type": named_type, "empty group": empty_group, "a number": a_number, "100 numbers": many_numbers}
    return made


def data_sets():
    made = {}
    for kind in RETYPED:
        made[f"as {kind}"] = lambda f, path, kind=kind: put(*split(f, path), *of_type(f[path][()], kind))

    def reference(f, path):
        put(*split(f, path), numpy.full(f[path].shape, f["/"].ref, dtype=h5py.ref_dtype), h5py.ref_dtype)

    def variable_text(f, path):
        shape = f[path].shape
        group, name = split(f, path)
        del group[name]
        group.create_dataset(name, data=numpy.full(shape, "text", dtype=object), dtype=h5py.string_dtype())

    def variable_numbers(f, path):
        shape = f[path].shape
        group, name = split(f, path)
        del group[name]
        group.create_dataset(name, shape, dtype=h5py.vlen_dtype("f8"))

    def scalar(f, path):
        old = f[path]
        value = old[()] if old.shape == () else numpy.ravel(old[()])[0] if old.size else numpy.zeros((), old.dtype)[()]
        put(*split(f, path), value, old.dtype)

    def one_array(f, path):
        old = f[path]
        put(*split(f, path), numpy.zeros((3,) + (old.shape or ()), old.dtype) if old.dtype.kind != "O" else numpy.zeros(3), None)

    def more_axes(f, path):
        old = f[path]
        put(*split(f, path), numpy.reshape(old[()], old.shape + (1,)), old.dtype)

    def eight_axes(f, path):
        put(*split(f, path), numpy.zeros((2,) * 8, f[path].dtype))

    def claims(axis):
        def claim(f, path):
            old = f[path]
            group, name = split(f, path)
            shape = list(old.shape or (1,))
            shape[axis] = 1 << 40
            dtype = old.dtype
            del group[name]
            group.create_dataset(name, tuple(shape), dtype=dtype, chunks=tuple(min(n, 64) or 1 for n in shape))
        return claim

    def empty(f, path):
        old = f[path]
        put(*split(f, path), numpy.zeros((0,) + tuple(old.shape[1:]), old.dtype), old.dtype)

    def null(f, path):
        dtype = f[path].dtype
        put(*split(f, path), h5py.Empty(dtype))

    def half(f, path):
        old = f[path]
        put(*split(f, path), old[: len(old) // 2] if old.shape else old[()], old.dtype)

    def longer(f, path):
        old = f[path]
        put(*split(f, path), numpy.concatenate([old[()], old[()]]) if old.shape else old[()], old.dtype)

    def external(f, path):
        old = f[path]
        shape, dtype = old.shape or (1,), old.dtype
        group, name = split(f, path)
        del group[name]
        group.create_dataset(name, shape, dtype=dtype, external=[("victim.txt", 0, h5py.h5f.UNLIMITED)])

    def virtual(f, path):
        old = f[path]
        shape, dtype = old.shape or (1,), old.dtype
        layout = h5py.VirtualLayout(shape=shape, dtype=dtype)
        layout[...] = h5py.VirtualSource("valid.h5", path, shape=shape)
        group, name = split(f, path)
        del group[name]
        group.create_virtual_dataset(name, layout)

    def foreign(f, path):
        old = f[path]
        shape, value, dtype = old.shape or (1,), old[()], old.dtype
        group, name = split(f, path)
        del group[name]
        plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plan.set_chunk(tuple(max(n, 1) for n in shape))
        plan.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, (1,))
        space = h5py.h5s.create_simple(shape)
        made = h5py.h5d.create(group.id, name.encode(), h5py.h5t.py_create(dtype), space, plan)
        h5py.Dataset(made)[...] = value

    def packed(f, path):
        old = f[path]
        if old.shape and old.size:
            value, dtype = old[()], old.dtype
            group, name = split(f, path)
            del group[name]
            group.create_dataset(name, data=value, dtype=dtype, compression="gzip", shuffle=True, fletcher32=True)

    def bomb(f, path):
        """Really there, packed a thousand times: 6 GB of zeros would take minutes to make, so the rows share the packed chunk's size."""
        old = f[path]
        shape = list(old.shape or (1,))
        shape[0] = 1 << 22
        dtype = old.dtype
        group, name = split(f, path)
        del group[name]
        rows = max(1, (1 << 25) // max(1, dtype.itemsize * int(numpy.prod(shape[1:]))))
        made = group.create_dataset(name, tuple(shape), dtype=dtype, chunks=(min(rows, shape[0]), *[max(n, 1) for n in shape[1:]]),
                                    compression="gzip", compression_opts=9)
        made[0:1] = numpy.zeros((1, *shape[1:]), dtype)
    made |= {"as reference": reference, "as texts of any length": variable_text, "as lists": variable_numbers, "one value": scalar,
             "values of three": one_array, "one axis more": more_axes, "eight axes": eight_axes, "2^40 rows": claims(0),
             "2^40 columns": claims(-1), "no rows": empty, "no space": null, "half the rows": half, "twice the rows": longer,
             "external storage": external, "virtual": virtual, "foreign filter": foreign, "packed": packed, "bomb": bomb}
    for name, value in LITTLE_VALUES.items():
        def change(f, path, value=value):
            old = f[path]
            numbers = old[()]
            if old.dtype.kind not in "iuf" or not old.size:
                return False
            if value is None:
                filled = numpy.iinfo(old.dtype).max if old.dtype.kind in "iu" else numpy.finfo(old.dtype).max
            elif old.dtype.kind in "iu":
                filled = numpy.iinfo(old.dtype).min if numpy.isnan(value) or numpy.isinf(value) else numpy.array(value).astype(old.dtype)
            else:
                filled = value
            numbers = numpy.array(numbers)
            numbers[...] = filled
            old[...] = numbers
            return True
        made[f"values {name}"] = change
    return {name: keep_attributes(kind) if not name.startswith("values") else kind for name, kind in made.items()}


def attributes():
    made = {}

    def write(f, path, key, value, dtype=None, shape=None):
        del f[path].attrs[key]
        f[path].attrs.create(key, value, shape, dtype)

    def value_of(f, path, key):
        value = f[path].attrs[key]
        return numpy.asarray(value.encode() if isinstance(value, str) else value)
    made["deleted"] = lambda f, path, key: f[path].attrs.__delitem__(key)
    for kind in RETYPED:
        def retype(f, path, key, kind=kind):
            value, dtype = of_type(value_of(f, path, key), kind)
            write(f, path, key, value, dtype)
        made[f"as {kind}"] = retype

    def reference(f, path, key):
        write(f, path, key, f["/"].ref, h5py.ref_dtype)

    def variable(f, path, key):
        write(f, path, key, "text of any length", h5py.string_dtype())

    def three(f, path, key):
        write(f, path, key, numpy.stack([value_of(f, path, key)] * 3))

    def many(f, path, key):
        write(f, path, key, numpy.zeros(7000))

    def eight(f, path, key):
        write(f, path, key, numpy.zeros((2,) * 8))

    def none(f, path, key):
        value = value_of(f, path, key)
        write(f, path, key, numpy.zeros((0,), value.dtype if value.dtype.kind != "O" else "f8"))

    def null(f, path, key):
        write(f, path, key, h5py.Empty("f8"))

    def long_text(f, path, key):
        write(f, path, key, numpy.bytes_(b"x" * 60000))

    made |= {"as reference": reference, "as text of any length": variable, "values of three": three, "7000 values": many,
             "eight axes": eight, "no values": none, "no space": null, "long text": long_text}
    for name, value in LITTLE_VALUES.items():
        def change(f, path, key, value=value):
            old = value_of(f, path, key)
            if old.dtype.kind not in "iuf":
                return False
            if value is None:
                filled = numpy.iinfo(old.dtype).max if old.dtype.kind in "iu" else numpy.finfo(old.dtype).max
            elif old.dtype.kind in "iu":
                filled = numpy.iinfo(old.dtype).min if not numpy.isfinite(value) else value
            else:
                filled = value
            write(f, path, key, numpy.full(old.shape, filled).astype(old.dtype))
            return True
        made[f"values {name}"] = change
    return made


def mutants(valid):
    """(what it is done to, the mutation's name, a function of the open file)."""
    objects, found = [], []
    with h5py.File(valid, "r") as f:
        f.visititems(lambda name, item: objects.append(("/" + name, isinstance(item, h5py.Dataset))))
        for path, _ in [("/", False), *objects]:
            found += [(path, key) for key in f[path].attrs]
    for path, is_set in objects:
        for name, change in {**links_and_kinds(), **(data_sets() if is_set else {})}.items():
            yield path, name, lambda f, path=path, change=change: change(f, path)
    for path, key in found:
        for name, change in attributes().items():
            yield f"{path}@{key}", name, lambda f, path=path, key=key, change=change: change(f, path, key)
