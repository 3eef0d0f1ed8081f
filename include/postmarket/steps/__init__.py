"""One function a task: what the DAGs, the command line and the tests all call; ports, stamp and as-of are arguments."""
