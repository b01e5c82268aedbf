"""Which methods each path has: of an address some are ingest's and others api's, and `Allow` names them all."""

from dataclasses import dataclass

ORDER = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
"""The order in which `Allow` names methods."""

NOT_DESCRIBED = ("media", "destinations", "plannedmaintenance", "refresh-token")
"""What answers 405 to OPTIONS, as in Argus."""

PUBLIC = frozenset({"/api/", "/api/v2/token-auth/", "/api/v2/auth/token/login/"})

LISTED = ("/api/v2/", "/api/v3/")
"""Where the table has all that there is, but for the documents."""

DOCUMENTS = frozenset(f"{root}schema/" for root in LISTED)

OF_BOTH = {
    "incidents/": "GET POST",
    "incidents/mine/": "GET POST",
    "incidents/{pk}/": "GET PUT PATCH DELETE",
    "incidents/{pk}/tags/": "GET POST",
    "incidents/{pk}/tags/{text}/": "GET DELETE",
    "incidents/{pk}/ticket_url/": "PUT",
    "incidents/sources/": "GET POST",
    "incidents/sources/{pk}/": "GET PUT PATCH",
    "notificationprofiles/destinations/": "GET POST",
    "notificationprofiles/destinations/{pk}/": "GET PATCH DELETE",
    "notificationprofiles/destinations/{pk}/duplicate/": "GET",
    "notificationprofiles/": "GET POST",
    "notificationprofiles/{pk}/": "GET PUT PATCH DELETE",
    "notificationprofiles/timeslots/": "GET POST",
    "notificationprofiles/timeslots/{pk}/": "GET PUT PATCH DELETE",
    "notificationprofiles/media/": "GET",
    "notificationprofiles/media/{text}/": "GET",
    "notificationprofiles/media/{text}/json_schema/": "GET",
    "plannedmaintenance/": "GET POST",
    "plannedmaintenance/{pk}/": "GET PUT PATCH DELETE",
}
OF_V2 = {
    "incidents/{pk}/automatic-ticket/": "PUT",
    "incidents/{pk}/events/": "GET POST",
    "incidents/{pk}/events/{pk}/": "GET",
    "incidents/{pk}/acks/": "GET POST",
    "incidents/{pk}/acks/{pk}/": "GET PUT PATCH",
    "incidents/events/": "GET",
    "incidents/acks/bulk/": "POST",
    "incidents/events/bulk/": "POST",
    "incidents/ticket_url/bulk/": "POST",
    "incidents/sources/heartbeat/": "POST",
    "incidents/source-types/": "GET POST",
    "incidents/source-types/{text}/": "GET",
    "notificationprofiles/{pk}/incidents/": "GET",
    "notificationprofiles/filterpreview/": "POST",
    "notificationprofiles/preview/": "POST",
    "notificationprofiles/filters/": "GET POST",
    "notificationprofiles/filters/{pk}/": "GET PUT PATCH DELETE",
    "token-auth/": "POST",
    "auth/refresh-token/": "POST",
    "auth/token/login/": "POST",
    "auth/token/logout/": "POST",
    "auth/token/logoutall": "POST",
    "auth/user/": "GET",
    "auth/users/{pk}/": "GET",
}
OF_V3 = {
    "incidents/{pk}/notifications/": "GET",
    "plannedmaintenance/{pk}/incidents/": "GET",
    "notificationprofiles/{pk}/explain/": "GET",
    "notificationprofiles/{pk}/preview/": "GET",
    "notificationprofiles/preview/": "POST",
    "notificationprofiles/date-lists/": "GET POST",
    "notificationprofiles/date-lists/{pk}/": "GET PUT PATCH DELETE",
    "auth/user/quiet/": "GET PUT DELETE",
}


@dataclass(frozen=True, slots=True)
class Resource:
    """What stands at a path: its methods, whether anybody may ask, and whether OPTIONS describes it."""

    path: str
    methods: frozenset[str]
    public: bool

    @property
    def allow(self) -> str:
        """The value of `Allow`."""
        return ", ".join(method for method in ORDER if method in self.methods)

    def description(self) -> dict[str, object]:
        """Return what OPTIONS answers."""
        words = [word for word in self.path.split("/") if word and "{" not in word and word not in {"v2", "v3"}]
        name = words[-1].replace("_", " ").replace("-", " ").title()
        parses = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]
        return {"name": name, "description": "", "renders": ["application/json", "text/html"], "parses": parses}


def _resource(path: str, methods: str) -> Resource:
    found = set(methods.split())
    if "GET" in found:
        found.add("HEAD")
    if not any(f"/{word}/" in path for word in NOT_DESCRIBED):
        found.add("OPTIONS")
    return Resource(path, frozenset(found), path in PUBLIC)


RESOURCES = {
    path: _resource(path, methods)
    for version, resources in (("v2", OF_BOTH | OF_V2), ("v3", OF_BOTH | OF_V3))
    for path, methods in {f"/api/{version}/{rest}": methods for rest, methods in resources.items()}.items()
} | {"/api/": _resource("/api/", "GET")}


def resource_at(path: str) -> Resource | None:
    """Return what stands at a path, if the table has it."""
    words = ["{pk}" if word.isdigit() and word.isascii() else word for word in path.split("/")]
    found = RESOURCES.get("/".join(words))
    for place in (-2, -3):  # where texts stand
        if found is None and len(words) > 5:
            found = RESOURCES.get("/".join([*words[:place], "{text}", *words[place + 1 :]]))
    return found


def is_nowhere(path: str) -> bool:
    """Tell whether a path that the table does not have is nothing; the framework takes `-1` and `1_000` for numbers."""
    return path.startswith(LISTED) and path not in DOCUMENTS
