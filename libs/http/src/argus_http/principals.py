"""Who asks: a person, or a source."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hmac import compare_digest

from argus_schemas.configuration import SourceDocument
from argus_schemas.incident import Actor, Source


@dataclass(frozen=True)
class Principal:
    """The user behind a request; with a source, it is that source's own user."""

    pk: int
    username: str
    is_superuser: bool = False
    is_staff: bool = False
    source: Source | None = None

    @property
    def is_source(self) -> bool:
        """Whether the user belongs to a source."""
        return self.source is not None

    @property
    def source_id(self) -> int | None:
        """The pk of the user's source."""
        return self.source.pk if self.source else None

    @cached_property
    def actor(self) -> Actor:
        """The user as records name it."""
        return Actor(pk=self.pk, username=self.username, is_source=self.is_source, is_superuser=self.is_superuser)


@dataclass(frozen=True, slots=True)
class Account:
    """What a token leads to."""

    principal: Principal
    active: bool = True
    kind: str = "cli"
    """Of the token: `cli`, `drf` or `knox`; or `session`."""
    expires_at: datetime | None = None


def account_of(document: SourceDocument, digest: str) -> Account | None:
    """Return what the token of `digest` leads to if it is one of the source's."""
    for token in document.tokens:
        if compare_digest(token.digest, digest):
            actor = document.actor
            principal = Principal(actor.pk, actor.username, actor.is_superuser, source=document.source)
            return Account(principal, document.active, expires_at=token.expires_at)
    return None
