"""Zarr stores of both versions, arrays and groups."""

import numcodecs
import numpy as np
import zarr
from zarr.codecs import BloscCodec, BytesCodec, GzipCodec, ShardingCodec, TransposeCodec, ZstdCodec


def plane(dtype="i4", shape=(50, 40)):
    return np.random.default_rng(21).integers(0, 1000, shape).astype(dtype)


def create(path, data, version, chunks, **kwargs):
    array = zarr.create_array(
        str(path), shape=data.shape, dtype=data.dtype, chunks=chunks, zarr_format=version, **kwargs
    )
    array[...] = data
    return array


def write_v2(folder):
    def make(name, data, chunks=(16, 12), **kwargs):
        create(folder / f"v2_{name}.zarr", data, 2, chunks, **kwargs)

    make("plain", plane(), compressors=None)
    make("blosc", plane(), compressors=numcodecs.Blosc("lz4", shuffle=numcodecs.Blosc.SHUFFLE))
    make("zstd", plane(), compressors=numcodecs.Zstd(3))
    make("gzip", plane(), compressors=numcodecs.GZip(5))
    make("zlib", plane(), compressors=numcodecs.Zlib(5))
    make("fortran", plane("f8"), order="F", compressors=None)
    make("fortran_blosc", plane("f8", (6, 7, 8)), (4, 3, 5), order="F", compressors=numcodecs.Blosc("zstd"))
    make("big_endian", plane(">f4"), compressors=None)
    make("nested_keys", plane(), chunk_key_encoding={"name": "v2", "separator": "/"})
    make("flags", plane() > 500, compressors=numcodecs.Zstd(1))
    make("datetime", np.arange(30).astype("M8[D]").astype("<M8[ns]"), (8,), compressors=None)
    make("delta", plane("i8"), filters=[numcodecs.Delta("<i8")], compressors=numcodecs.Zstd(1))
    holes = zarr.create_array(
        str(folder / "v2_holes.zarr"), shape=(20, 10), dtype="f4", chunks=(5, 5), zarr_format=2, fill_value=-1.5
    )
    holes[5:10, :5] = 2
    holes.attrs.update({"units": "mm", "steps": [1, 2]})


def write_v3(folder):
    def make(name, data, chunks=(16, 12), **kwargs):
        create(folder / f"v3_{name}.zarr", data, 3, chunks, **kwargs)

    make("plain", plane(), compressors=None)
    make("blosc", plane(), compressors=BloscCodec(cname="zstd", shuffle="bitshuffle"))
    make("zstd", plane(), compressors=ZstdCodec(level=3))
    make("gzip", plane(), compressors=GzipCodec(level=5))
    make("sharded", plane(), (8, 10), shards=(32, 20), compressors=ZstdCodec())
    make("transposed", plane("f8", (6, 7, 8)), (4, 3, 5), filters=TransposeCodec(order=(2, 0, 1)), compressors=None)
    make("big_endian", plane("f4"), serializer=BytesCodec(endian="big"), compressors=ZstdCodec())
    make("named", plane(), dimension_names=["y", "x"], attributes={"units": "mm"})
    make("halves", plane("f2"))
    make("complex", (plane("f8") + 1j).astype("c16"))
    make("flags", plane() > 500)
    make("scalar", np.array(7.25), ())
    holes = zarr.create_array(
        str(folder / "v3_holes.zarr"), shape=(20, 10), dtype="f4", chunks=(5, 5), zarr_format=3, fill_value=float("nan")
    )
    holes[5:10, :5] = 2
    inner = ShardingCodec(chunk_shape=(4, 6), codecs=[TransposeCodec(order=(1, 0)), BytesCodec(), BloscCodec()])
    make("shard_transposed", plane("i2"), (16, 12), serializer=inner, compressors=None)


def fill_group(root):
    root.attrs["title"] = "a group"
    top = root.create_array("top", shape=(6,), dtype="i4", chunks=(4,))
    top[:] = np.arange(6)
    sub = root.create_group("sub")
    sub.attrs["level"] = 1
    grid = sub.create_array("grid", shape=(7, 9), dtype="f8", chunks=(3, 4))
    grid[:] = np.arange(63).reshape(7, 9)
    sub.create_group("hollow")


def write_zarr(folder):
    write_v2(folder)
    write_v3(folder)
    for version in (2, 3):
        fill_group(zarr.open_group(str(folder / f"group_v{version}.zarr"), mode="w", zarr_format=version))
        path = str(folder / f"group_v{version}_consolidated.zarr")
        fill_group(zarr.open_group(path, mode="w", zarr_format=version))
        zarr.consolidate_metadata(path)
