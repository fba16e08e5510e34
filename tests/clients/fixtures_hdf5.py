"""HDF5 and its families: plain files, NeXus, NetCDF, files that a writer has not closed."""

import h5py
import numpy as np
import pandas as pd
import xarray as xr


def write_hdf5(folder):
    with h5py.File(folder / "everything.h5", "w") as file:
        write_attributes(file)
        write_layouts(file.create_group("layouts"))
        write_types(file.create_group("types"))
        write_deep(file)
    write_links(folder)
    write_nexus(folder / "scan.nxs")


def write_attributes(file):
    file.attrs["title"] = "every kind of dataset"
    file.attrs["count"] = 3
    file.attrs["ratio"] = 0.5
    file.attrs["ok"] = True
    file.attrs["raw"] = np.bytes_(b"fixed text")
    file.attrs["list"] = np.array([1, 2, 3])
    file.attrs["grid"] = np.arange(4.0).reshape(2, 2)
    file.attrs["words"] = ["one", "zwei"]


def write_layouts(group):
    rng = np.random.default_rng(11)
    plane = rng.integers(0, 1000, (50, 40)).astype("i4")
    group["contiguous"] = plane
    group.create_dataset("chunked", data=plane, chunks=(16, 12))
    group.create_dataset("packed", data=plane, chunks=(20, 40), compression="gzip", shuffle=True)
    group.create_dataset("lzf", data=plane, chunks=(50, 10), compression="lzf")
    group.create_dataset("checked", data=plane, chunks=(25, 20), fletcher32=True)
    group.create_dataset("four_dims", data=rng.normal(size=(3, 5, 4, 6)), chunks=(1, 5, 2, 6), compression="gzip")
    group.create_dataset("holes", shape=(20, 10), chunks=(5, 5), dtype="f4", fillvalue=-1.5)
    group["holes"][5:10, :5] = 2
    group.create_dataset("growable", data=np.arange(10), maxshape=(None,), chunks=(4,))
    group["chunked"].attrs["units"] = "mm"
    group["chunked"].attrs["scale"] = np.float32(0.25)


def write_types(group):
    rng = np.random.default_rng(12)
    for code in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"):
        base = rng.integers(0, 100, (4, 3))
        group[f"{code}_le"] = base.astype("<" + code)
        group[f"{code}_be"] = base.astype(">" + code)
    group["complex"] = (rng.normal(size=6) + 1j * rng.normal(size=6)).astype("c16")
    group["flags"] = np.array([True, False, True])
    enum = h5py.enum_dtype({"OFF": 0, "ON": 1, "AUTO": 7}, basetype="i2")
    group.create_dataset("enum", data=np.array([0, 7, 1], "i2"), dtype=enum)
    group["fixed_text"] = np.array([b"ab", b"cde", b""], "S5")
    group.create_dataset("vlen_text", data=["alpha", "bé", ""], dtype=h5py.string_dtype())
    group["scalar"] = 3.5
    group["scalar_text"] = "hello"
    group["empty"] = np.zeros((0, 4), "f4")
    group["compound"] = np.array(
        [(1, 2.5, b"x"), (2, 3.5, b"yy")], dtype=[("n", "<i4"), ("v", ">f8"), ("tag", "S3")]
    )
    ragged = group.create_dataset("vlen_numbers", (2,), dtype=h5py.vlen_dtype("i4"))
    ragged[0], ragged[1] = [1, 2, 3], [4]


def write_deep(file):
    deepest = file.create_group("a/b/c")
    deepest.attrs["depth"] = 3
    deepest["d"] = np.arange(6).reshape(2, 3)
    file.create_group("hollow")
    crowd = file.create_group("crowd")
    for i in range(120):
        crowd[str(i)] = i
    file["näme with spaces"] = np.arange(3)


def write_links(folder):
    with h5py.File(folder / "target.h5", "w") as file:
        file["outside"] = np.arange(5) * 2
    with h5py.File(folder / "links.h5", "w") as file:
        file["real"] = np.arange(7)
        file["hard"] = file["real"]
        file["soft"] = h5py.SoftLink("/real")
        file["external"] = h5py.ExternalLink("target.h5", "/outside")
    with h5py.File(folder / "broken_links.h5", "w") as file:
        file["real"] = np.arange(7)
        file["dangling"] = h5py.SoftLink("/nowhere")
        file["lost"] = h5py.ExternalLink("missing.h5", "/outside")


def write_nexus(path):
    with h5py.File(path, "w") as file:
        file.attrs["default"] = "entry"
        entry = file.create_group("entry")
        entry.attrs.update({"NX_class": "NXentry", "default": "data"})
        entry["title"] = "a scan"
        data = entry.create_group("data")
        data.attrs.update({"NX_class": "NXdata", "signal": "counts", "axes": "two_theta"})
        data["two_theta"] = np.linspace(17, 18, 31)
        data["counts"] = np.random.default_rng(13).poisson(100, 31).astype("i4")
        data["two_theta"].attrs["units"] = "degrees"


SAMPLES = [
    # key, color, temperature, tags, operator
    ("s_a", "red", 10, ["cold", "first"], "Ada Lovelace"),
    ("s_b", "red", 20, ["warm"], "Grace Hopper"),
    ("s_c", "green", 30, ["warm", "first"], "Ada Lovelace"),
    ("s_d", "green", 40, ["hot"], "Grace Hopper"),
    ("s_e", "blue", 50, ["hot", "last"], "Barbara Liskov"),
    ("s_f", "blue", 60, [], "Barbara Liskov"),
    ("s_g", "azure", 70, ["hot", "last"], "Frances Allen"),
    ("s_h", None, 80, None, "Frances Allen"),
]


def write_samples(folder):
    """One file per sample, whose attributes are what searches look for."""
    for key, color, temperature, tags, operator in SAMPLES:
        with h5py.File(folder / f"{key}.h5", "w") as file:
            file.attrs["temperature"] = temperature
            file.attrs["operator"] = operator
            if color is not None:
                file.attrs["color"] = color
            if tags is not None:
                file.attrs["tags"] = np.array(tags, dtype=h5py.string_dtype())
            file.attrs["ratio"] = temperature / 16
            file["data"] = np.arange(temperature)
    pd.DataFrame({"a": [1, 2, 3]}).to_csv(folder / "table.csv", index=False)


def write_live(folder):
    """Files that checks change: one grows, one is swapped. `abandoned.h5` has the marks of a writer that died."""
    np.save(folder / "swapped.npy", np.zeros((2048, 1024)))
    with h5py.File(folder / "growing.h5", "w", libver="latest") as file:
        file.create_dataset("rows", data=np.arange(8.0).reshape(4, 2), maxshape=(None, 2), chunks=(4, 2))
    with h5py.File(folder / "writing.h5", "w", libver="latest") as file:
        file.create_dataset("rows", data=np.arange(6.0), maxshape=(None,), chunks=(4,))
        file.swmr_mode = True
        file.flush()
        (folder / "abandoned.h5").write_bytes((folder / "writing.h5").read_bytes())
    (folder / "writing.h5").unlink()


def climate():
    """A dataset as a model writes it: two coordinates and time, packed and unpacked variables."""
    rng = np.random.default_rng(14)
    time = pd.date_range("2023-12-30", periods=4, freq="6h")
    return xr.Dataset(
        {
            "t": (("time", "lat", "lon"), rng.normal(280, 5, (4, 3, 5)), {"units": "K", "long_name": "temperature"}),
            "orography": (("lat", "lon"), rng.integers(0, 3000, (3, 5)).astype("i4"), {"units": "m"}),
            "level": (("time",), np.arange(4.0), {"positive": "down"}),
        },
        coords={"time": time, "lat": ("lat", [10.0, 20.0, 30.0], {"units": "degrees_north"}), "lon": np.arange(5.0)},
        attrs={"title": "a small climate", "version": 2},
    )


def write_netcdf(folder):
    encoding = {"time": {"units": "hours since 2023-12-01", "dtype": "i4"}}
    climate().to_netcdf(folder / "classic.nc", engine="scipy", encoding=encoding)
    packed = {"t": {"chunksizes": (2, 3, 5), "zlib": True, "shuffle": True}}
    climate().to_netcdf(folder / "modern.nc", engine="netcdf4", encoding=encoding | packed)
    line = xr.Dataset(
        {"y": ("x", np.arange(6.0) ** 2), "z": ("x", np.arange(6))}, coords={"x": np.linspace(0, 1, 6)}, attrs={"note": "1-d"}
    )
    line.to_netcdf(folder / "line.nc", engine="netcdf4")
