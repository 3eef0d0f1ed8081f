"""`make up`: Airflow, the operators' pages and the Jira stand-in stay up until Ctrl-C."""

import signal
import threading
from collections.abc import Mapping

from rich.console import Console

from include.wiring.local import jira_server
from include.wiring.local.airflow_server import ALL, passwords
from include.wiring.local.demo import prepare_data
from include.wiring.local.household import Household
from include.wiring.local.place import Place, with_free_ports
from include.wiring.local.running import alone, running


def run(place: Place, environment: Mapping[str, str], console: Console) -> None:
    """Keep the product up until it is asked to stop (SIGINT or SIGTERM), then stop everything that was started.

    Raises PostmarketError when something does not come up, or ends by itself.
    """

    def say(text: str) -> None:
        console.print(text, highlight=False, soft_wrap=True)

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with alone(place):
        Household(place.home, place.root).clear()  # what a killed run left; its database server is taken over
        place = with_free_ports(place, environment)
        prepare_data(place, environment)
        with running(place, environment, ALL, say) as product:
            console.print("\n[bold]Up.[/] Ctrl-C stops everything.\n")
            say(f"  Airflow          {place.airflow_address}")
            say(f"  operators' pages {place.airflow_address}/postmarket/")
            say(
                f"  Jira stand-in    {place.jira_address}  (user {jira_server.USER}, token in {place.home}/jira.secret)"
            )
            for user, password in passwords(product.airflow).items():
                say(f"  log in as {user:<9} password {password}")
            while not stop.wait(1.0):
                product.household.check()
            say("stopping ...")
