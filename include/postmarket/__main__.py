"""`python -m include.postmarket`."""

from include.postmarket.cli.app import main

main()
