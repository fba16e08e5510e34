"""Files that other people made: images, volumes and archives from installed packages."""

import numpy as np
import pytest
import tifffile
from helpers import fixture, image_difference, key_of, same_array
from PIL import Image

PLACE = ("real", "skimage")


@pytest.mark.parametrize("name", ["camera.png", "coffee.png", "astronaut.png", "logo.png", "microaneurysms.png"])
def test_png(client, name):
    same_array(client[(*PLACE, key_of(name))].read(), np.asarray(Image.open(fixture(*PLACE, name))))


def test_part_of_a_png(client):
    expected = np.asarray(Image.open(fixture(*PLACE, "coffee.png")))
    same_array(client[(*PLACE, "coffee")][100:110, ::-50, 1], expected[100:110, ::-50, 1])


def test_jpeg(client):
    expected = np.asarray(Image.open(fixture(*PLACE, "rocket.jpg")))
    largest, mean = image_difference(client[(*PLACE, "rocket")].read(), expected)
    # Decoders differ in how they enlarge the color planes.
    assert mean < 1 and largest <= 16


@pytest.mark.parametrize("name", ["multipage.tif", "multipage_rgb.tif"])
def test_tiff(client, name):
    expected = tifffile.imread(fixture(*PLACE, name))
    actual = client[(*PLACE, key_of(name))].read()
    assert actual.shape == expected.shape
    assert np.array_equal(actual, expected)


def test_npy(client):
    expected = np.load(fixture(*PLACE, "lfw_subset.npy"))
    node = client[(*PLACE, "lfw_subset")]
    same_array(node.read(), expected)
    same_array(node[::50, 3, ::-1], expected[::50, 3, ::-1])


def test_npz(client):
    with np.load(fixture(*PLACE, "motorcycle_disp.npz")) as expected:
        node = client[(*PLACE, "motorcycle_disp")]
        assert set(node) == set(expected.files)
        for key in expected.files:
            same_array(node[key].read(), expected[key])
