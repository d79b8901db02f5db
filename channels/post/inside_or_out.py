"""Which addresses on the net may be called: a name is resolved once, and what is called is what was looked at.

Nobody inside the network can be reached by an address that somebody typed: loopback, link-local, private and the like are
refused unless the host is named in DRIFTSKLAR_WEBHOOK_HOSTS.
"""

import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

from config.settings import settings
from models.refusal import BadInput, Refusal

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_OPEN_IPV6 = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is given out on the open net (RFC 4291). What isn't in it is local, or was once: fec0::/10, ::127.0.0.1."""
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Target(NamedTuple):
    """Where a call goes: the address to connect to, and what it is called."""

    scheme: str
    host: str
    ip: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """The `Host` that the receiver knows itself by."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (443 if self.scheme == "https" else 80) else f"{name}:{self.port}"


class NotOutside(Refusal):
    """The address leads inside the network."""

    def __init__(self, host: str) -> None:
        super().__init__(
            "webhook.inside",
            f"{host[:80]} er en adresse på det indre net. Må den kaldes, skal den stå i DRIFTSKLAR_WEBHOOK_HOSTS.",
        )


class Unresolved(Refusal):
    """The name leads nowhere just now."""

    def __init__(self, host: str) -> None:
        super().__init__("webhook.unresolved", f"{host[:80]} kan ikke slås op.")


def target_of(url: str, *, field: str = "URL") -> Target:
    """Where an address leads, with its name resolved this once.

    Raises:
        BadInput: it is no http address, or it has a user in it.
        NotOutside: any of what the name stands for lies inside the network.
        Unresolved: the name stands for nothing.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise BadInput(field, "adressen kan ikke læses. Skriv fx https://esb.kommune.dk/driftsklar.") from None
    host = (parts.hostname or "").rstrip(".")
    if (
        parts.scheme not in ("http", "https")
        or not host
        or parts.username is not None
        or not url.isprintable()
        or " " in url
    ):
        raise BadInput(
            field, "adressen kan ikke læses. Skriv fx https://esb.kommune.dk/driftsklar, uden bruger og kode."
        )
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unresolved(host) from None
    addresses = [str(each[4][0]) for each in found]
    if host.lower() not in settings().webhook_hosts.split(",") and not all(is_outside(each) for each in addresses):
        raise NotOutside(host)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, addresses[0], port, path)


def is_outside(address: str) -> bool:
    """Whether an address is one of the open net, also where it is wrapped in another kind."""
    ip: Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_outside(str(inner))
        if ip not in _OPEN_IPV6:
            return False
    return ip.is_global and not ip.is_multicast
