"""Local stand, announcement: what a person who started the portal is told: the addresses, and who can sign in."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.local.esia.people import read_people


def announce(console: Console, portal_url: str, esia_url: str, watch_url: str, people: Path) -> None:
    """Print every address whole on a line of its own, and the demonstration people with their passwords."""
    lines = [
        ("Portal", f"{portal_url}/"),
        ("API docs", f"{portal_url}/docs"),
        ("Event docs", f"{portal_url}/docs/events"),
        ("The phone that Gosuslugi's codes are sent to", f"{esia_url}/phone"),
        ("Operators' page", f"{watch_url}/"),
    ]
    for what, url in lines:
        console.print(f"{what}: {url}", soft_wrap=True, highlight=False)
    table = Table(title=f"Demonstration people ({people.name})", title_justify="left")
    for heading in ("Login at Gosuslugi", "Password", "Person", "What is special"):
        table.add_column(heading, overflow="fold")
    for account in read_people(people.read_text()):
        table.add_row(account.login, account.password, account.full_name, account.note)
    console.print(table)
