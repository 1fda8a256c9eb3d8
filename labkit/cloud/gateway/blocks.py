"""Where a file's blocks lie: one block, on this host (an RDD read fails when a file has none)."""

from __future__ import annotations

from typing import Any

from labkit.cloud.gateway.files import Entry

# Hadoop's client decodes a token even with security off: four empty fields, as URL-safe base64.
_EMPTY_TOKEN = "AAAAAA"  # noqa: S105 - it lets nobody in anywhere


def block_locations(entry: Entry, host: str) -> dict[str, Any]:
    """The reply to GETFILEBLOCKLOCATIONS (Hadoop 3.4 and later)."""
    block = {
        "cachedHosts": [],
        "corrupt": False,
        "hosts": [host.partition(":")[0]],
        "length": entry.size_bytes,
        "names": [host],
        "offset": 0,
        "storageTypes": ["DISK"],
        "topologyPaths": [f"/default-rack/{host}"],
    }
    return {"BlockLocations": {"BlockLocation": [block]}}


def located_blocks(entry: Entry, host: str) -> dict[str, Any]:
    """The reply to GET_BLOCK_LOCATIONS (the client that PySpark 3.5 carries)."""
    name, _, port = host.partition(":")
    node = {
        "adminState": "NORMAL",
        "blockPoolUsed": 0,
        "cacheCapacity": 0,
        "cacheUsed": 0,
        "capacity": 0,
        "dfsUsed": 0,
        "hostName": name,
        "infoPort": int(port),
        "infoSecurePort": 0,
        "ipAddr": name,
        "ipcPort": int(port),
        "lastUpdate": 0,
        "lastUpdateMonotonic": 0,
        "name": host,
        "networkLocation": "/default-rack",
        "remaining": 0,
        "storageID": "labkit",
        "xceiverCount": 1,
        "xferPort": int(port),
    }
    block = {
        "block": {"blockId": 1, "blockPoolId": "labkit", "generationStamp": 1, "numBytes": entry.size_bytes},
        "blockToken": {"urlString": _EMPTY_TOKEN},
        "cachedLocations": [],
        "isCorrupt": False,
        "locations": [node],
        "startOffset": 0,
        "storageTypes": ["DISK"],
    }
    located = {
        "fileLength": entry.size_bytes,
        "isLastBlockComplete": True,
        "isUnderConstruction": False,
        "lastLocatedBlock": block,
        "locatedBlocks": [block],
    }
    return {"LocatedBlocks": located}
