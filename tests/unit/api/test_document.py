"""The OpenAPI document that api serves is valid, and describes what both services serve and nothing else."""

import json
import re
from zoneinfo import ZoneInfo

import pytest
from litestar import Litestar
from litestar.di import Provide
from litestar.routes import HTTPRoute
from openapi_spec_validator import validate

from argus_api import application as api
from argus_api import queries
from argus_api.controllers import reads
from argus_http.resources import RESOURCES
from argus_ingest.web import application as ingest
from argus_schemas.routing import is_ingest

DOCUMENT = api.document()
OPERATIONS = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
LEFT_OUT = re.compile(r"/api/v1(/.*)?|/\.error")
"""What is removed, and the page of an error: neither is of use to a program."""


def served(handlers):
    """What the application of a service answers: its methods and paths."""
    nothing = {"api": Provide(lambda: None, sync_to_thread=False)}
    # Its own logging would stay for all tests that come after.
    app = Litestar(handlers, dependencies=nothing, openapi_config=None, logging_config=None)
    routes = [route for route in app.routes if isinstance(route, HTTPRoute)]
    return {
        (method, route.path_format.rstrip("/"))
        for route in routes
        for method in route.methods - {"OPTIONS", "HEAD"}
        if not LEFT_OUT.fullmatch(route.path_format.rstrip("/"))
    }


def bare(operations):
    return {(method, path.rstrip("/")) for method, path in operations}


def test_it_is_valid():
    validate(DOCUMENT)


def test_it_has_what_both_services_serve_and_nothing_else():
    assert bare(OPERATIONS) == served(api.HANDLERS) | served(ingest.HANDLERS)


def test_it_has_the_methods_that_each_address_allows():
    allowed = {
        (method, re.sub(r"\{\w+\}", "{}", path))
        for path, resource in RESOURCES.items()
        for method in resource.methods - {"HEAD", "OPTIONS"}
    }
    versions = {(method, path) for method, path in OPERATIONS if path.startswith(("/api/v2/", "/api/v3/"))}
    told = {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path in versions if not path.endswith("/schema/")}
    assert told | {("GET", "/api/")} == allowed


def test_the_gateway_takes_each_request_to_the_service_that_answers_it():
    of_ingest = bare(
        {(method, path) for method, path in OPERATIONS if is_ingest(method, re.sub(r"\{\w+\}", "1", path))}
    )
    assert of_ingest == served(ingest.HANDLERS)


def test_each_reference_leads_somewhere_and_each_operation_has_a_name_of_its_own():
    for name in re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(DOCUMENT)):
        assert name in DOCUMENT["components"]["schemas"]
    names = [operation["operationId"] for methods in DOCUMENT["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("told", ["properties", "required"])
def test_what_both_parts_call_the_same_is_the_same(told):
    mine, others = api.own_document()["components"]["schemas"], ingest.document()["components"]["schemas"]
    for name in mine.keys() & others.keys():
        assert set(mine[name][told]) == set(others[name][told])


@pytest.mark.parametrize("service", [api, ingest])
def test_what_needs_no_token_says_so(service):
    for handler in service.HANDLERS:
        public = bool((handler.opt or {}).get("public"))
        for path in handler.paths:
            address = re.sub(r"\{(\w+):\w+\}", r"{\1}", path)
            for method in DOCUMENT["paths"].get(address, {}):
                if method.upper() in handler.http_methods:
                    assert (DOCUMENT["paths"][address][method].get("security") == []) == public


def test_lists_of_incidents_tell_the_parameters_that_they_heed():
    heeded = {*queries._COMMON, *queries._moments(ZoneInfo("UTC")), "filter_pk", "notificationprofile_pk", "count"}
    assert set(reads.MINE) == heeded | set(reads.PAGED)
    assert set(reads.LISTED) == set(reads.MINE) | set(queries._NOT_MINE)
