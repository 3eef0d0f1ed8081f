"""What Airflow's fork server imports once, so that each task starts with it in memory (5 s of CPU a task otherwise)."""

import great_expectations
import ibis
import pandas as pd
import scipy.stats
import sklearn.ensemble
import sqlalchemy

__all__ = ["great_expectations", "ibis", "pd", "scipy", "sklearn", "sqlalchemy"]
