"""Ops, the report on consents (`ops consent report`): counts of all, or one account's evidence, which is recorded."""

import hashlib
import re
from dataclasses import asdict
from typing import Annotated, Any

import httpx
import typer
from rich.text import Text

from medonline_contracts.identity import ConsentText
from ops.consents import Given, Standing, evidence, standings
from ops.installation import Installation
from ops.output import Json, Report, run, table_of
from ops.problem import Exit, Problem
from ops.reason import Reason
from ops.record import asked_for, recorded

app = typer.Typer(help="The consents: report.", no_args_is_help=True, rich_markup_mode=None)

IDENTITY = "identity"
ASKED_SECONDS = 5.0
_ACCOUNT = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII)


@app.callback()
def consent() -> None:
    """The consents: report."""


@app.command()
def report(
    context: typer.Context,
    account: Annotated[str | None, typer.Option(help="The evidence for this account's id; wants --reason.")] = None,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """How many accounts agreed to which text; or, for one account, what proves that it did."""

    async def work(installation: Installation) -> Report:
        identity = installation.databases[IDENTITY]
        if account is None:
            return _counted(await standings(identity))
        if not _ACCOUNT.fullmatch(account):
            raise Problem(Exit.USAGE, "An account's id has the form of a UUID, in small letters.")
        action = asked_for(context, reason)

        async def look() -> Report:
            given = await evidence(identity, account)
            if not given:
                raise Problem(Exit.REFUSED, f"The log of identity holds no consent of {account}.")
            return _proof(account, given, await _published(installation, {one.text for one in given}))

        return await recorded(installation, action, look, only_if_kept=True)

    run(context, as_json, work)


def _counted(found: list[Standing]) -> Report:
    texts: dict[tuple[str, int], int] = {}
    for one in found:
        texts[one.text.id, one.text.version] = texts.get((one.text.id, one.text.version), 0) + 1
    twofold = [f"{name} {version}" for (name, version), hashes in texts.items() if hashes > 1]
    documents = [one.text.model_dump() | {n: v for n, v in asdict(one).items() if n != "text"} for one in found]
    document: dict[str, Any] = {"consents": documents, "of_two_wordings": twofold}
    if not found:
        return Report(document, [Text("Nobody has agreed to anything yet.")])
    table = table_of("Consents", list(documents[0]), [list(one.values()) for one in documents])
    if not twofold:
        return Report(document, [table])
    told = f"{', '.join(twofold)}: agreed to in two wordings, though a published text is never changed. Find out which."
    return Report(document, [table, Text(told)], Exit.WRONG)


def _proof(account: str, given: list[Given], published: dict[ConsentText, bool]) -> Report:
    documents = [
        one.text.model_dump()
        | {n: v for n, v in asdict(one).items() if n != "text"}
        | {"text_is_published": published.get(one.text)}
        for one in given
    ]
    tables = [table_of("Consent", ("", ""), list(one.items())) for one in documents]
    told = Text("In force is the newest of them; the log knows of no withdrawal.")
    return Report({"account": account, "consents": documents}, [*tables, told])


async def _published(installation: Installation, texts: set[ConsentText]) -> dict[ConsentText, bool]:
    """Whether identity shows a text of that version with that very hash; nothing where it cannot be asked."""
    if (url := installation.urls.get(IDENTITY)) is None:
        return {}
    found = {}
    async with httpx.AsyncClient(timeout=ASKED_SECONDS, trust_env=False) as http:
        for text in texts:
            try:
                answer = await http.get(f"{url.rstrip('/')}/api/identity/consents/{text.id}/{text.version}/text")
            except (httpx.HTTPError, httpx.InvalidURL):
                continue
            if answer.status_code in (200, 404):
                found[text] = answer.is_success and hashlib.sha256(answer.content).hexdigest() == text.sha256
    return found
