"""Which addresses a destination may be at; the address that is connected to is the one that was checked."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from socket import AF_UNSPEC, AddressFamily

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from argus_dispatch.settings import Network

NAT64 = IPv6Network("64:ff9b::/96")


class ForbiddenAddress(OSError):
    """A name that leads to no address that may be reached."""


def is_allowed(address: str, allowed: Sequence[Network]) -> bool:
    """Tell whether an IP address is public, or lies in a network that is allowed."""
    ip = _inner(ip_address(address.partition("%")[0]))
    if any(ip.version == network.version and ip in network for network in allowed):
        return True
    return ip.is_global and not ip.is_multicast


def is_numeric(host: str | None) -> bool:
    """Tell whether a host is an IP address, which no resolver is asked for."""
    try:
        return bool(ip_address(host or ""))
    except ValueError:
        return False


def _inner(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the address that packets to `ip` end up at."""
    if isinstance(ip, IPv6Address):
        if ip in NAT64:
            return IPv4Address(int(ip) & 0xFFFFFFFF)
        return ip.ipv4_mapped or ip.sixtofour or ip
    return ip


class CheckedResolver(AbstractResolver):
    """Resolves names to those of their addresses that may be reached."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        self._allowed = allowed
        self._resolver = ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = AF_UNSPEC) -> list[ResolveResult]:
        """Return the allowed addresses of `host`."""
        found = await self._resolver.resolve(host, port, family)
        fine = [result for result in found if is_allowed(result["host"], self._allowed)]
        if not fine:
            raise ForbiddenAddress(f"{host} is not a public address")
        return fine

    async def close(self) -> None:
        """Release what the resolver holds."""
        await self._resolver.close()
