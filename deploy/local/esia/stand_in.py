"""Gosuslugi stand-in: all it knows and remembers, as the doors share it. In memory: a restart forgets every sign-in."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Request

from deploy.local.esia.authorization import CODE_LIFETIME, AuthorizationRequest, Grant
from deploy.local.esia.clients import Client
from deploy.local.esia.codes import Message, Phone
from deploy.local.esia.errors import EsiaCode, with_query
from deploy.local.esia.expiring import Expiring
from deploy.local.esia.faults import Faults
from deploy.local.esia.people import Account, PeopleFile
from deploy.local.esia.session import SESSION_LIFETIME, Amr, Browser, Session
from deploy.local.esia.sign_in import SIGN_IN_LIFETIME, SignIn, code_sent
from deploy.local.esia.token import TokenSigner

# An expired sign-in is remembered a little longer, so that its page can lead back to the site it came from.
SIGN_IN_REMEMBERED = timedelta(hours=2)


@dataclass
class StandIn:
    """`now` is the only clock."""

    people: PeopleFile
    clients: Mapping[str, Client]
    signer: TokenSigner
    now: Callable[[], datetime]
    phone: Phone = field(default_factory=Phone)
    faults: Faults = field(default_factory=Faults)
    sessions: Expiring[Session] = field(default_factory=lambda: Expiring(SESSION_LIFETIME))
    sign_ins: Expiring[SignIn] = field(default_factory=lambda: Expiring(SIGN_IN_REMEMBERED))
    grants: Expiring[Grant] = field(default_factory=lambda: Expiring(CODE_LIFETIME))

    def session_of(self, browser: Browser | None) -> Session | None:
        """The browser's living session, if its account still exists."""
        session = self.sessions.get(browser.session_key, self.now()) if browser else None
        return session if session and self.people.by_oid(session.oid) else None

    def begin(self, request: AuthorizationRequest, browser: Browser) -> SignIn:
        sign_in = SignIn(
            id=secrets.token_urlsafe(18),
            browser=browser.browser,
            form_token=secrets.token_urlsafe(18),
            request=request,
            expires_at=self.now() + SIGN_IN_LIFETIME,
        )
        self.keep(sign_in)
        return sign_in

    def keep(self, sign_in: SignIn) -> None:
        self.sign_ins.put(sign_in.id, sign_in, self.now())

    def send_code(self, sign_in: SignIn, account: Account) -> SignIn:
        """Sends a new code to the account's phone; the code before it is void."""
        now, digits = self.now(), f"{secrets.randbelow(1_000_000):06}"
        self.phone.receive(Message(account.login, account.full_name, account.code_goes_to, digits, now, sign_in.id))
        return code_sent(sign_in, digits, now)

    def sign_in(self, sign_in: SignIn, account: Account, amr: Amr, browser: Browser) -> tuple[str, Browser]:
        """Opens a session, ends the browser's former one; answers where to go and the browser as it is known now."""
        now, known = self.now(), browser.signed_in()
        self.sessions.take(browser.session_key, now)
        session = Session(str(uuid4()), account.oid, amr, now)
        self.sessions.put(known.session_key, session, now)
        destination = self.answer(sign_in.request, session)
        self.keep(replace(sign_in, destination=destination, code=None))
        return destination, known

    def answer(self, request: AuthorizationRequest, session: Session) -> str:
        """The client's address with an authorization code, or with ESIA-007055 if it takes confirmed accounts only."""
        account = self.people.by_oid(session.oid)
        if request.client.confirmed_only and not (account and account.trusted):
            return with_query(request.redirect_uri, EsiaCode.UNCONFIRMED.oauth(request.state))
        code = secrets.token_urlsafe(32)
        self.grants.put(code, Grant(request, session), self.now())
        return with_query(request.redirect_uri, {"code": code, "state": request.state})


async def stand_in_of(request: Request) -> StandIn:
    stand_in: StandIn = request.app.state.stand_in
    return stand_in


The = Annotated[StandIn, Depends(stand_in_of)]
