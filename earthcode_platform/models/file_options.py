"""What a workflow may choose about the file of a result, for each format: the `options` of openEO's `save_result`.

The names are those of GDAL's COG driver in lower case, of xarray's NetCDF encoding and of Zarr version 3, so that what
people know from there holds here. `dtype`, `scale`, `offset` and `nodata` are the same for all formats.
"""

from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from earthcode_platform.models.experiment import ProductFormat
from earthcode_platform.models.frozen import Declared

__all__ = [
    "OPTIONS",
    "AnyOptions",
    "CogOptions",
    "CsvOptions",
    "FileOptions",
    "GeoJSONOptions",
    "NetCDFOptions",
    "ParquetOptions",
    "TableOptions",
    "ZarrOptions",
]


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


_Finite = Annotated[float, Field(allow_inf_nan=False)]
_Length = Annotated[int, Field(ge=1)]
_INTEGERS: Final = {
    "int8": (-(2**7), 2**7 - 1),
    "uint8": (0, 2**8 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "uint16": (0, 2**16 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
}
"""The smallest and the largest number of each whole type."""


class _Typed(Declared):
    """The type of the stored numbers."""

    dtype: Annotated[
        Literal["int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"] | None,
        BeforeValidator(_lower),
    ] = None
    """Stored type; if left out float32, or float64 where float32 would change a whole number."""


class FileOptions(_Typed):
    """How values become stored numbers in files of arrays: `stored = (value - offset) / scale`, whole types rounded."""

    scale: _Finite = 1.0
    """Factor from stored numbers to values; for whole types."""
    offset: _Finite = 0.0
    """What is added after scaling; for whole types."""
    nodata: float | None = None
    """Stored number for no data; if left out NaN, for signed types the smallest number, for unsigned the largest."""

    @property
    def numbers(self) -> Self:
        """How values become stored numbers."""
        return self

    @property
    def bounds(self) -> tuple[int, int] | None:
        """The smallest and the largest stored number of a whole type; None for others."""
        return _INTEGERS.get(self.dtype or "")

    @property
    def stored_nodata(self) -> float:
        """The stored number that stands for no data."""
        if self.nodata is not None:
            return self.nodata
        if self.bounds is None:
            return float("nan")
        return float(self.bounds[0] or self.bounds[1])

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.scale == 0:
            raise ValueError("scale is 0, which takes every value away; give the step between stored numbers")
        if self.bounds is None:
            if (self.scale, self.offset) != (1.0, 0.0):
                raise ValueError("scale and offset need a whole dtype, such as int16")
        elif self.nodata is not None and not (
            self.bounds[0] <= self.nodata <= self.bounds[1] and self.nodata == int(self.nodata)
        ):
            raise ValueError(f"nodata is {self.nodata:g}, which {self.dtype} cannot store")
        return self


class CogOptions(FileOptions):
    """Cloud-optimised GeoTIFF: creation options of GDAL's COG driver, in lower case."""

    compress: Annotated[Literal["DEFLATE", "ZSTD", "LZW", "NONE"], BeforeValidator(_upper)] = "DEFLATE"
    """Compression; none of them loses anything."""
    level: Annotated[int | None, Field(ge=1, le=22)] = None
    """Effort of compression: 1 to 12 for DEFLATE, 1 to 22 for ZSTD; the driver's own if left out."""
    predictor: Annotated[Literal["YES", "NO", "STANDARD", "FLOATING_POINT"], BeforeValidator(_upper)] = "YES"
    """Differences between neighbours before compression; YES takes the one that suits the type."""
    blocksize: Annotated[int, Field(ge=128, le=4096, multiple_of=16)] = 512
    """Width and height of a tile in pixels."""
    overviews: Annotated[Literal["AUTO", "NONE"], BeforeValidator(_upper)] = "AUTO"
    """Whether smaller copies for zooming out are written."""
    overview_resampling: Annotated[
        Literal["NEAREST", "AVERAGE", "BILINEAR", "CUBIC", "CUBICSPLINE", "LANCZOS", "MODE", "RMS"],
        BeforeValidator(_upper),
    ] = "AVERAGE"
    """How they are computed; NEAREST or MODE for classes."""

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        most = {"DEFLATE": 12, "ZSTD": 22}.get(self.compress, 0)
        if self.level is not None and self.level > most:
            told = f"goes up to {most}" if most else "has no levels"
            raise ValueError(f"level is {self.level}, but {self.compress} {told}")
        if self.predictor == "FLOATING_POINT" and self.bounds is not None:
            raise ValueError(f"predictor FLOATING_POINT needs a floating dtype, not {self.dtype}; take STANDARD")
        return self


class NetCDFOptions(FileOptions):
    """NetCDF-4: the encoding of its variables, as xarray and netCDF4 name it."""

    compression: Annotated[Literal["zlib", "none"], BeforeValidator(_lower)] = "zlib"
    """Compression; zlib is the one that every reader has."""
    complevel: Annotated[int, Field(ge=1, le=9)] = 4
    """Effort of compression."""
    shuffle: bool = True
    """Whether bytes are sorted by their place in a number before compression."""
    chunksizes: dict[str, _Length] = Field(default={})
    """Length of a chunk along each dimension named, such as {"t": 1, "y": 512, "x": 512}; the library's if left out."""
    names: dict[str, str] = Field(default={})
    """Names of variables by band, where they differ: {"B04": "red"}."""


class ZarrOptions(FileOptions):
    """Zarr version 3: codecs, chunks and shards of its arrays."""

    compressor: Annotated[Literal["blosc-lz4", "blosc-zstd", "zstd", "gzip", "none"], BeforeValidator(_lower)] = (
        "blosc-lz4"
    )
    """Compression; both kinds of blosc sort bits first."""
    level: Annotated[int, Field(ge=1, le=9)] = 5
    """Effort of compression."""
    chunks: dict[str, _Length] = Field(default={})
    """Length of a chunk along each dimension named; 512 if left out."""
    shards: dict[str, _Length] = Field(default={})
    """Length of a shard, a file of several chunks, along each dimension named: whole multiples of the chunk's.

    If left out, 2048 rows and columns, fewer where that would make more than 64 MiB.
    """
    store: Annotated[Literal["directory", "zip"], BeforeValidator(_lower)] = "directory"
    """A folder of many files, or one zip file of them, not compressed once more; its name ends in `.zarr.zip`."""
    names: dict[str, str] = Field(default={})
    """Names of arrays by band, where they differ: {"B04": "red"}."""

    @model_validator(mode="after")
    def _holds_chunks(self) -> Self:
        for name, length in self.shards.items():
            if name in self.chunks and length % self.chunks[name]:
                raise ValueError(f"shards[{name!r}] is {length}, no multiple of chunks[{name!r}], {self.chunks[name]}")
        return self


class TableOptions(_Typed):
    """How values become the numbers of a table; no data is an empty field, or null."""

    @property
    def numbers(self) -> FileOptions:
        """How values become stored numbers."""
        return FileOptions(dtype=self.dtype)


class CsvOptions(TableOptions):
    """Comma-separated values (RFC 4180): a line for each geometry and label, a column for each band."""

    separator: Literal[",", ";", "\t"] = ","
    """What stands between two fields, as GDAL's CSV driver has it."""
    geometry: Annotated[Literal["AS_WKT", "NONE"], BeforeValidator(_upper)] = "AS_WKT"
    """How geometries are written, in longitudes and latitudes: as well-known text, or not at all."""


class GeoJSONOptions(TableOptions):
    """GeoJSON (RFC 7946): a feature for each geometry and label, with the bands as properties."""

    coordinate_precision: Annotated[int, Field(ge=3, le=15)] = 7
    """Decimals of longitudes and latitudes; 7 are a centimetre."""


class ParquetOptions(TableOptions):
    """GeoParquet 1.1: a row for each geometry and label, a column for each band."""

    compression: Annotated[Literal["snappy", "zstd", "gzip", "none"], BeforeValidator(_lower)] = "snappy"
    """Compression of the columns."""


AnyOptions: TypeAlias = CogOptions | NetCDFOptions | ZarrOptions | CsvOptions | GeoJSONOptions | ParquetOptions

OPTIONS: Final[dict[ProductFormat, type[AnyOptions]]] = {
    ProductFormat.COG: CogOptions,
    ProductFormat.NETCDF: NetCDFOptions,
    ProductFormat.ZARR: ZarrOptions,
    ProductFormat.CSV: CsvOptions,
    ProductFormat.GEOJSON: GeoJSONOptions,
    ProductFormat.PARQUET: ParquetOptions,
}
"""The options of each format."""
