"""The one room that knows both Airflow and the package: assets, tags, defaults, connections, and the local run."""
