"""Pure methods of signal detection: arrays in, arrays out, one method a file (see docs/methods.md)."""
