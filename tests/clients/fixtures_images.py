"""Images and sequences of images."""

import numpy as np
import tifffile
from PIL import Image


def gradient(shape, dtype, seed=0):
    """Numbers that span the type, so that a wrong byte order or layout shows."""
    rng = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return rng.normal(size=shape).astype(dtype)
    return rng.integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)


def write_images(folder):
    write_tiff(folder)
    Image.fromarray(gradient((12, 16), "u1")).save(folder / "gray.png")
    Image.fromarray(gradient((12, 16, 3), "u1")).save(folder / "rgb.png")
    Image.fromarray(gradient((12, 16, 4), "u1")).save(folder / "rgba.png")
    Image.fromarray(gradient((12, 16), "u2")).save(folder / "deep.png")
    ramp = np.add.outer(np.arange(24), np.arange(32)) * 4
    Image.fromarray(ramp.astype("u1")).save(folder / "photo_gray.jpg", quality=95)
    Image.fromarray(np.stack([ramp, ramp[::-1], ramp[:, ::-1]], -1).astype("u1")).save(
        folder / "photo_rgb.jpeg", quality=95
    )


def write_tiff(folder):
    def save(name, array, **kwargs):
        tifffile.imwrite(folder / f"{name}.tif", array, software=False, **kwargs)

    save("rgb_bytes", gradient((12, 16, 3), "u1"), photometric="rgb")
    save("shorts", gradient((12, 16), "u2"))
    save("signed", gradient((12, 16), "i2"))
    save("floats", gradient((12, 16), "f4"))
    save("doubles", gradient((12, 16), "f8"))
    save("pages", gradient((5, 12, 16), "u2"), photometric="minisblack")
    save("big", gradient((12, 16), "u2"), bigtiff=True)
    save("big_endian", gradient((12, 16), "u2"), byteorder=">")
    save("lzw", gradient((64, 48), "u2") // 512, compression="lzw")
    save("lzw_predictor", gradient((64, 48), "u2") // 512, compression="lzw", predictor=True)
    save("deflate", gradient((64, 48), "u1"), compression="zlib")
    save("packbits", gradient((64, 48), "u1") // 64, compression="packbits")
    save("tiled_layout", gradient((70, 50), "u2"), tile=(32, 16))
    save("tiled_packed", gradient((70, 50, 3), "u1"), tile=(32, 32), compression="zlib", photometric="rgb")
    save("strips", gradient((40, 30), "u4"), rowsperstrip=7)
    save("planar", gradient((3, 12, 16), "u1"), photometric="rgb", planarconfig="separate")
    save("described", gradient((6, 7), "u1"), description="a described image", resolution=(3, 3), metadata=None)


def write_sequences(folder):
    """One subfolder for each kind; the key of a sequence is what stands before its digits."""

    def frames(seed, shape=(6, 8), count=5, dtype="u2"):
        return [gradient(shape, dtype, seed + i) for i in range(count)]

    def sub(name):
        (folder / name).mkdir()
        return folder / name

    place = sub("tiff")
    for i, frame in enumerate(frames(10), start=1):
        tifffile.imwrite(place / f"img{i:04d}.tif", frame, software=False)
    for i, frame in enumerate(frames(20, count=3)):
        tifffile.imwrite(place / f"scan_{i:02d}.tiff", frame, software=False)
    tifffile.imwrite(place / "single7.tif", frames(30)[0], software=False)
    place = sub("bare")
    for i, frame in enumerate(frames(40, count=2)):
        tifffile.imwrite(place / f"{i:03d}.tif", frame, software=False)
    place = sub("png")
    for i, frame in enumerate(frames(50, (6, 8, 3), 4, "u1")):
        Image.fromarray(frame).save(place / f"frame-{i:03d}.png")
    place = sub("jpeg")
    for i in range(3):
        ramp = np.add.outer(np.arange(16), np.arange(24)) * 4 + i * 10
        Image.fromarray(ramp.astype("u1")).save(place / f"shot{i}.jpg", quality=95)
    place = sub("npy")
    for i, frame in enumerate(frames(60, count=6, dtype="f4")):
        np.save(place / f"block.{i:02d}.npy", frame)
    for i, frame in enumerate(frames(70, shape=(2, 3, 4), count=2, dtype="i4")):
        np.save(place / f"vol{i}.npy", frame)
