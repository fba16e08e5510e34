//! Rows from outside (NDJSON, JSON, CSV) against the columns of a data source: a typed block, and the rows that do not fit.
