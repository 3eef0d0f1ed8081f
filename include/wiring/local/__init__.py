"""The whole product on one machine, without Docker and without root: what `make demo` and `make up` run."""
