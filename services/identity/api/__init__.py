"""Identity, the HTTP door: consents, attempts, sessions, and the check that the gateway asks for (`authz`)."""

from services.identity.api import attempts, authz, consents, sessions

OPEN_PATHS = (f"{consents.router.prefix}/",)  # the texts; to agree to one is no GET
ROUTERS = (consents.router, attempts.router, sessions.router, authz.router)
