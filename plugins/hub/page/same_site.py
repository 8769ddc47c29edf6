"""Requests that change something come from the page itself: no other site can send one with a reader's login.

Airflow's cookie is sent by browsers from its own site alone when something is posted (``SameSite=Lax``). What a browser
says of where a request comes from is looked at as well: pages of another port, or of a neighbouring name, are of the
same site too.
"""

from urllib.parse import urlsplit

from fastapi import HTTPException, Request


def sent_from_here(request: Request) -> None:
    """Refuse with 403 what a page of another origin sends, or what nothing is known of."""
    fetched_from = request.headers.get("sec-fetch-site")
    if fetched_from is not None:
        is_own = fetched_from == "same-origin"
    else:  # browsers say it on TLS and on the machine itself alone
        host = request.headers.get("host")
        is_own = bool(host) and urlsplit(request.headers.get("origin", "")).netloc == host
    if not is_own:
        raise HTTPException(403)
