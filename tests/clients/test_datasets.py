"""NetCDF files as xarray datasets."""

import numpy as np
import pytest
import xarray as xr
from helpers import fixture
from tiled.client.xarray import DatasetClient

NAMES = ["classic", "modern", "line"]


def source(name):
    return xr.open_dataset(fixture("netcdf", f"{name}.nc"))


@pytest.mark.parametrize("name", NAMES)
def test_whole(client, name):
    node = client["netcdf", name]
    assert isinstance(node, DatasetClient)
    # Times travel as numbers with their units, as in the file, or decoded; both decode to the same.
    with source(name) as expected:
        actual = xr.decode_cf(node.read())
        xr.testing.assert_equal(actual, expected)
        assert set(actual.coords) == set(expected.coords)
        assert actual.attrs == expected.attrs


@pytest.mark.parametrize("name", NAMES)
def test_without_the_wide_table(client, name):
    with source(name) as expected:
        actual = xr.decode_cf(client["netcdf", name].read(optimize_wide_table=False))
        xr.testing.assert_equal(actual, expected)


def test_some_variables(client):
    dataset = client["netcdf", "modern"].read(["orography", "lat", "lon"])
    assert set(dataset.data_vars) == {"orography"}
    with source("modern") as expected:
        assert np.array_equal(dataset["orography"], expected["orography"])


@pytest.mark.parametrize("name", ["classic", "modern"])
def test_attributes(client, name):
    node = client["netcdf", name]
    assert dict(node.metadata["attrs"]) == {"title": "a small climate", "version": 2}
    assert node["t"].metadata["attrs"]["units"] == "K"
    assert node["t"].metadata["attrs"]["long_name"] == "temperature"


@pytest.mark.parametrize("name", ["classic", "modern"])
def test_specs_and_dimensions(client, name):
    node = client["netcdf", name]
    specs = {key: [spec.name for spec in child.specs] for key, child in node.items()}
    assert [spec.name for spec in node.specs] == ["xarray_dataset"]
    assert specs == {
        "t": ["xarray_data_var"],
        "orography": ["xarray_data_var"],
        "level": ["xarray_data_var"],
        "time": ["xarray_coord"],
        "lat": ["xarray_coord"],
        "lon": ["xarray_coord"],
    }
    assert node["t"].dims == ("time", "lat", "lon")


def test_slices_of_a_variable(client):
    with source("modern") as expected:
        values = expected["t"].values
    assert np.array_equal(client["netcdf", "modern", "t"][1, ::-1, 2:4], values[1, ::-1, 2:4])


def test_dask(dask_client):
    dataset = dask_client["netcdf", "modern"].read()
    with source("modern") as expected:
        assert np.array_equal(dataset["t"].mean("time").compute(), expected["t"].mean("time"))


@pytest.mark.parametrize("name, count", [("line", 3), ("modern", 6)])
def test_count_of_variables(http, name, count):
    assert http.get(f"metadata/netcdf/{name}").json()["data"]["attributes"]["structure"]["count"] == count


@pytest.mark.parametrize("name", ["bears", "example_1"])
def test_files_from_the_tests_of_xarray(client, name):
    with xr.open_dataset(fixture("real", "xarray", f"{name}.nc")) as expected:
        actual = xr.decode_cf(client["real", "xarray", name].read())
        for key in expected.variables:
            np.testing.assert_array_equal(actual[key].values, expected[key].values)
