"""Identity, the HTTP door: the access token, which tells the other services for a minute who is signed in."""

from datetime import datetime

from chassis.signing import Signer
from chassis.token import ISSUER, LIFETIME, AccessToken
from services.identity.sessions import Session


def access_token_of(session: Session) -> AccessToken:
    """The claims about the person."""
    return AccessToken(
        sub=session.account_id,
        sid=session.sid,
        amr=list(session.amr),
        auth_time=int(session.auth_time.timestamp()),
        consent_due=session.consent_due,
    )


def signed(session: Session, signer: Signer, now: datetime) -> str:
    """The token as the services get it."""
    issued_at = int(now.timestamp())
    return signer.sign(
        {
            **access_token_of(session).model_dump(),
            "iss": ISSUER,
            "iat": issued_at,
            "exp": issued_at + int(LIFETIME.total_seconds()),
        }
    )
