"""Linear algebra on one thread, for fits that make many small steps.

Waking threads for five parameters costs more CPU than the fit itself, and a sum that is split between threads rounds
differently with their number: the answer must not depend on the machine (G2).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold BLAS and LAPACK to one thread; to be put on a function."""
    with threadpool_limits(limits=1, user_api="blas"):
        yield
