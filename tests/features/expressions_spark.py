"""Makes expressions.tsv anew: what Spark gives for the expressions of expressions.txt.

Run it where there is a JVM and `pip install pyspark==3.5.5`, then bless what is ours:

    python tests/features/expressions_spark.py
    BLESS=1 cargo test -p tile-features expression
"""

import datetime
import json
import math
import pathlib

from pyspark.sql import SparkSession, types as t

HERE = pathlib.Path(__file__).parent
UTC = datetime.timezone.utc

SCHEMA = t.StructType([
    t.StructField("b", t.BooleanType()),
    t.StructField("y", t.ByteType()),
    t.StructField("s", t.ShortType()),
    t.StructField("i", t.IntegerType()),
    t.StructField("l", t.LongType()),
    t.StructField("f", t.FloatType()),
    t.StructField("d", t.DoubleType()),
    t.StructField("t", t.StringType()),
    t.StructField("bin", t.BinaryType()),
    t.StructField("dt", t.DateType()),
    t.StructField("ts", t.TimestampType()),
    t.StructField("li", t.ArrayType(t.LongType())),
    t.StructField("ls", t.ArrayType(t.StringType())),
    t.StructField("m", t.MapType(t.StringType(), t.DoubleType())),
    t.StructField("st", t.StructType([t.StructField("d", t.LongType()), t.StructField("e", t.StringType())])),
])
ROW = (
    True, 5, 300, 7, 9007199254740993, 1.5, 2.75, "Hello World", bytearray(b"world"),
    datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 13, 14, 15, 250000, tzinfo=UTC),
    [1, None, 3], ["x", "y"], {"a": 1.5, "b": None}, (34, "text"),
)
NULLS = tuple([None] * len(ROW))


def plain(value):
    """A value as JSON has it: times in milliseconds, dates in days."""
    if isinstance(value, bool) or value is None or isinstance(value, (int, str)):
        return value
    if type(value).__name__ == "Decimal":
        return plain(float(value))
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        return value if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, (bytes, bytearray)):
        return "0x" + bytes(value).hex()
    if isinstance(value, datetime.datetime):
        return round(value.replace(tzinfo=UTC).timestamp() * 1000)
    if isinstance(value, datetime.date):
        return (value - datetime.date(1970, 1, 1)).days
    if isinstance(value, dict):
        return {k: plain(v) for k, v in sorted(value.items())}
    return [plain(v) for v in value]


def main():
    import os, time
    os.environ["TZ"] = "UTC"
    time.tzset()
    spark = (SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
             .config("spark.sql.session.timeZone", "UTC").getOrCreate())
    spark.sparkContext.setLogLevel("OFF")
    lines = []
    for expression in (HERE / "expressions.txt").read_text().splitlines():
        for name, row in (("row", ROW), ("nulls", NULLS)):
            frame = spark.createDataFrame([row], SCHEMA)
            try:
                found = frame.selectExpr(f"{expression}\n AS v")
                result = json.dumps(plain(found.collect()[0][0]), ensure_ascii=False)
            except Exception as error:  # what Spark refuses
                result = "error"
            lines.append(f"{expression}\t{name}\t{result}")
    (HERE / "expressions.tsv").write_text("\n".join(lines) + "\n")


main()
