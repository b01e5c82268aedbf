"""Who holds a token or a session: PostgreSQL says; only while it is away do the sources on the log count."""

from argus_http import accounts
from argus_http.errors import Unavailable, invalid
from argus_http.principals import Account, Principal
from argus_ingest.readmodel import repository
from argus_ingest.readmodel.postgres import Postgres, Unreachable
from argus_ingest.sources import Sources
from argus_schemas.incident import Source


class Accounts:
    """Looks up tokens and sources."""

    def __init__(self, postgres: Postgres, sources: Sources) -> None:
        self._postgres = postgres
        self._sources = sources

    async def look_up(self, digest: str) -> Account | None:
        """Return what the token of `digest` leads to.

        Raises:
            Unavailable: PostgreSQL is away, and the token is not one of a source that we know.
        """
        try:
            return await self._postgres.work(lambda session: accounts.account(session, digest))
        except Unreachable:
            known = self._sources.account(digest)
            if known is None:
                raise Unavailable("The token cannot be looked up now.") from None
            return known

    async def session(self, digest: str) -> Account | None:
        """Return what the session of `digest` leads to.

        Raises:
            Unavailable: PostgreSQL is away.
        """
        try:
            return await self._postgres.work(lambda session: accounts.session_account(session, digest))
        except Unreachable:
            raise Unavailable("The session cannot be looked up now.") from None

    async def forget(self, digest: str) -> None:
        """Delete a token that has expired, if PostgreSQL is there."""
        try:
            await self._postgres.work(lambda session: accounts.forget_expired(session, digest), tells=False)
        except Unreachable:
            return

    async def full_name(self, principal: Principal) -> str:
        """Return the name of a person as others know it, or what the user is called."""
        try:
            name = await self._postgres.ask(lambda asked: repository.full_name(asked, principal.pk))
        except Unreachable:
            name = ""
        return name or principal.username

    async def source(self, pk: int) -> Source:
        """Return the source `pk`.

        Raises:
            ApiError: 400, there is none; 503, that cannot be known now.
        """
        found = self._sources.of_pk(pk)
        if found is None:
            try:
                found = await self._postgres.work(lambda session: accounts.source(session, pk))
            except Unreachable:
                raise Unavailable("The source cannot be looked up now.") from None
        if found is None:
            raise invalid([f"SourceSystem with pk={pk} does not exist."])
        return found
