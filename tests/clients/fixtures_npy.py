"""NumPy's own files, one for each kind of element.

No name ends in a digit: a name that does is the member of a sequence.
"""

import numpy as np

ORDERS = {"le": "<", "be": ">"}
NUMBERS = ["b", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]


def numbers(code, order):
    """A (5, 4) array of one numeric type that uses its whole range."""
    dtype = np.dtype(code if np.dtype(code).itemsize == 1 else ORDERS[order] + code)
    rng = np.random.default_rng(7)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        out = rng.integers(info.min, info.max, (5, 4), dtype=dtype.newbyteorder("="), endpoint=True).astype(dtype)
        out[0, :2] = info.min, info.max
        return out
    out = rng.normal(size=(5, 4)).astype(dtype)
    if dtype.kind == "c":
        out += (1j * rng.normal(size=(5, 4))).astype(dtype)
    out[0, :3] = np.nan, np.inf, -np.inf
    return out


def others(order):
    """Arrays of every non-numeric type, and of unusual shapes."""
    o = ORDERS[order]
    struct = np.dtype([("x", o + "f8"), ("n", o + "i4"), ("tag", "S5"), ("v", o + "f4", (3,))])
    records = np.zeros(6, struct)
    records["x"] = np.arange(6) / 3
    records["n"] = np.arange(6)
    records["tag"] = [b"a", b"bb", b"ccc", b"", b"eeeee", b"f"]
    records["v"] = np.arange(18).reshape(6, 3)
    return {
        "datetime": np.arange("2024-01-01", "2024-01-13", dtype="M8[D]").astype(o + "M8[ns]").reshape(3, 4),
        "timedelta": np.arange(6).astype(o + "m8[ms]"),
        "text": np.array([["ab", "ünï"], ["", "long✓er"]], dtype=o + "U8"),
        "records": records,
    }


def write_npy(folder):
    for order in ORDERS:
        for code in NUMBERS:
            np.save(folder / f"n_{code}_{order}.npy", numbers(code, order))
        for name, array in others(order).items():
            np.save(folder / f"{name}_{order}.npy", array)
    np.save(folder / "flags.npy", np.arange(12).reshape(3, 4) % 3 == 0)
    np.save(folder / "bytes.npy", np.array([b"ab", b"", b"cdef"], dtype="S6"))
    np.save(folder / "fortran.npy", np.asfortranarray(np.arange(60, dtype="f8").reshape(3, 4, 5)))
    np.save(folder / "scalar.npy", np.array(42.5))
    np.save(folder / "eight_dims.npy", np.arange(2**8, dtype="i2").reshape((2,) * 8))
    np.save(folder / "empty.npy", np.zeros((0, 3), dtype="f4"))
    np.save(folder / "cube.npy", np.arange(2 * 3 * 4, dtype="i4").reshape(2, 3, 4))
    np.save(folder / "large.npy", np.random.default_rng(8).integers(0, 50, (700, 900), dtype="i4"))
    np.save(folder / "aligned.npy", np.zeros(3, dtype=np.dtype({"names": ["a"], "formats": ["<i4"], "itemsize": 8})))


def write_npz(folder):
    members = {"first": np.arange(6.0).reshape(2, 3), "second": np.array([1, 2, 3], dtype=">i2")}
    np.savez(folder / "stored.npz", **members)
    np.savez_compressed(folder / "packed.npz", **members)
