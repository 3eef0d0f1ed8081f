"""What Airflow's fork server imports once.

So that each task starts with it in memory (some 6 s of CPU a task otherwise).
"""

import great_expectations
import ibis
import scipy.stats
import sklearn.ensemble

from include.wiring import tasks

__all__ = ["great_expectations", "ibis", "scipy", "sklearn", "tasks"]
