"""Where the browser is not on this computer: Codespaces shows a port under an address of its own."""

from __future__ import annotations

from collections.abc import Mapping


def find_origin(environ: Mapping[str, str], port: int) -> str:
    """The address under which the person's browser sees `port`; "" when the browser is here."""
    name, domain = environ.get("CODESPACE_NAME"), environ.get("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN")
    if environ.get("CODESPACES") == "true" and name and domain:
        return f"https://{name}-{port}.{domain}"
    return ""
