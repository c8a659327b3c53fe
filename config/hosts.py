# SPDX-License-Identifier: AGPL-3.0-or-later
"""The names and addresses under which this machine may be reached."""

import ipaddress
import socket

EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104


def local_hosts(host: str) -> list[str]:
    """Host names to accept when serving on this address without a public name."""
    hosts = ["localhost", "127.0.0.1", "[::1]"]
    if host in EVERYWHERE:
        hosts += [address for address in [network_address()] if address]
    elif host not in hosts:
        hosts.append(host)
    return hosts


def network_address() -> str | None:
    """The address that phones in the same network can reach, or None without a network. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address: connecting a UDP socket sends no packet
        except OSError:
            return None
        return str(probe.getsockname()[0])


def address_for_people(*, public_url: str, host: str, port: int) -> str:
    """The start of every link in a mail: the public address, or the one that this machine's network can reach."""
    if public_url:
        return public_url
    near = network_address() if host in EVERYWHERE else host
    return f"http://{near if near and near != '127.0.0.1' else 'localhost'}:{port}"


def is_public(host: str) -> bool:
    """Whether strangers could reach this host: neither this machine nor a private network."""
    name = host.strip("[]").lower()
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return not (name == "localhost" or name.endswith((".localhost", ".local", ".test")))
    return not (address.is_private or address.is_loopback)
