"""The sources as the log has them: enough to go on without PostgreSQL."""

from argus_http.principals import Account, account_of
from argus_runtime.broadcast import Broadcast
from argus_schemas.configuration import SourceDocument, document_key
from argus_schemas.incident import Source


class Sources:
    """Finds sources by slug, pk or token, in this process's copy of `sources`."""

    def __init__(self, broadcast: Broadcast[SourceDocument]) -> None:
        self._broadcast = broadcast
        self._by_slug: dict[str, SourceDocument] = {}
        self._by_digest: dict[str, SourceDocument] = {}
        self._held: dict[str, SourceDocument] = {}
        broadcast.on_change(self._changed)

    def of_slug(self, slug: str) -> SourceDocument | None:
        """Return the source that reports on `reports.<slug>`."""
        return self._by_slug.get(slug)

    def of_pk(self, pk: int) -> Source | None:
        """Return the source `pk`."""
        document = self._held.get(document_key("source", pk))
        return document.source if document else None

    def account(self, digest: str) -> Account | None:
        """Return what a source's token leads to."""
        document = self._by_digest.get(digest)
        return account_of(document, digest) if document else None

    def _changed(self, key: str, document: SourceDocument | None) -> None:
        old = self._held.pop(key, None)
        if old is not None:
            self._by_slug.pop(old.slug, None)
            for token in old.tokens:
                self._by_digest.pop(token.digest, None)
        if document is not None:
            self._held[key] = document
            self._by_slug[document.slug] = document
            self._by_digest.update({token.digest: document for token in document.tokens})
