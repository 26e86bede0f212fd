"""The Gosuslugi (ESIA) stand-in: `python -m deploy.local.esia.main`. For one machine and for tests only.

What a client of it can rely on (all as the real ESIA, except where «here» is said):

- `GET /aas/oauth2/ac`, `/aas/oauth2/v2/ac`: client_id, client_secret, redirect_uri (registered, letter for letter),
  scope, response_type=code, state (UUID4), access_type, timestamp (`YYYY.MM.DD HH:MM:SS +0000`, at most 5 minutes
  off), code_challenge, code_challenge_method=S256. Ends at `redirect_uri?code=&state=` or
  `redirect_uri?error=&error_description=ESIA-0070xx: …&state=`; without a redirect_uri to trust on an error page.
- `client_secret`: detached CMS without signed attributes, DER, base64url, RSA with SHA-2, over
  scope + timestamp + client_id + state (each as sent), by the certificate registered for the client.
- `POST /aas/oauth2/te`, `/aas/oauth2/v3/te` (form): client_id, client_secret, code, code_verifier, redirect_uri,
  scope (of those granted), grant_type=authorization_code, state (a UUID4 of its own), timestamp, token_type=Bearer.
  200 {access_token, id_token, expires_in, state, token_type}, or 400 {error, error_description, state}. A code lives
  5 minutes and is burnt by its first use, right or wrong.
- The id_token: RS256 by `signing.pem`, header {alg, typ, ver, sbt: "id"}; integer `sub`; `aud` the client_id; `amr`
  ["PWD"], ["DS"] or ["QR"]; `auth_time` of the ESIA session, which single sign-on does not renew;
  "urn:esia:sbj:is_tru" is absent for an unconfirmed account; "urn:esia:sbj:typ" is "P" for a person only.
- `GET /rs/prns/{oid}`, `/ctts`, `/docs` with `Authorization: Bearer <access_token>`: only the token's own oid, only
  what its scopes open (id_doc: RF_PASSPORT, FID_DOC; medical_doc: MDCL_PLCY; mobile: MBT; email: EML).
  `?embed=(elements)` gives the elements, without it they are addresses, each to be fetched.
  401, 403, 404 as {"code", "message"}.
- `GET /idp/ext/Logout?client_id=&redirect_url=`: ends ESIA's session, then goes to redirect_url (an origin the client
  is registered with).

Here only: `/phone` and `/phone.json` (the codes sent), `/health/live`, `/health/ready`, and with ESIA_FAULTS=1
`/stand-in/faults` (see faults.py). Environment: HTTP_HOST, HTTP_PORT, LOG_LEVEL, SECRETS_DIR (`signing.pem`,
`signing.crt`), ESIA_PEOPLE (JSON file, read again when it changes), ESIA_CLIENTS (JSON or its file: client_id →
{certificate, redirect_uris, confirmed_only?}).
"""

import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate
from pydantic_settings import BaseSettings

from deploy.local.esia.app import create_app
from deploy.local.esia.clients import read_clients
from deploy.local.esia.people import PeopleFile
from deploy.local.esia.stand_in import StandIn
from deploy.local.esia.token import TokenSigner


class Config(BaseSettings):
    """The environment, by upper-case names."""

    http_host: str = "127.0.0.1"
    http_port: int = 8090
    log_level: str = "info"
    secrets_dir: Path
    esia_people: Path = Path(__file__).parent / "people.json"
    esia_clients: str
    esia_faults: bool = False


def read_signer(folder: Path) -> TokenSigner:
    """Raises OSError, or ValueError when the key is not RSA or the certificate, which clients pin, is not the key's."""
    key = load_pem_private_key((folder / "signing.pem").read_bytes(), password=None)
    certificate = load_pem_x509_certificate((folder / "signing.crt").read_bytes())
    if not isinstance(key, RSAPrivateKey) or certificate.public_key() != key.public_key():
        raise ValueError("signing.pem has to be an RSA key and signing.crt its certificate")
    return TokenSigner(key)


def main() -> None:
    try:
        config = Config()
        stand_in = StandIn(
            people=PeopleFile(config.esia_people),
            clients=read_clients(config.esia_clients),
            signer=read_signer(config.secrets_dir),
            now=lambda: datetime.now(UTC),
        )
    except (OSError, ValueError) as error:
        sys.exit(f"The Gosuslugi stand-in cannot start: {error}")
    logging.basicConfig(level=config.log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    app = create_app(stand_in, with_faults=config.esia_faults)
    uvicorn.run(
        app,
        host=config.http_host,
        port=config.http_port,
        access_log=False,  # addresses hold one-time codes and oids
        log_level=config.log_level,
        timeout_graceful_shutdown=3,  # a request that a fault holds back must not hold up the end
    )


if __name__ == "__main__":
    main()
