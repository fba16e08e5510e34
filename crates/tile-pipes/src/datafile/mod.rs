//! Project files: `.datasource`, `.pipe`, `.connection`, `.incl`; their text to values, with the place of every fault.
