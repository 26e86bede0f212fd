"""The connections to Gosuslugi are everybody's, so nothing of one person's may stay on them."""

from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response

from services.identity.esia.direct import esia_client
from tests.serving import served


async def test_a_cookie_that_gosuslugi_sets_for_one_person_never_goes_out_with_anothers_request() -> None:
    app, seen = FastAPI(), []

    @app.get("/")
    async def answer(request: Request, response: Response) -> None:
        seen.append(request.headers.get("cookie"))
        response.set_cookie("of", "one-person")

    async with served(app) as address, esia_client() as http:
        by_name = f"http://localhost:{urlsplit(address).port}/"  # a jar that keeps cookies keeps none of a bare address
        assert "set-cookie" in (await http.get(by_name)).headers
        await http.get(by_name)
    assert seen == [None, None]
