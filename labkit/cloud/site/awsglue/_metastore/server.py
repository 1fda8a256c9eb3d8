"""The metastore beside a driver: a Thrift server on loopback, one thread a client."""

from __future__ import annotations

import logging
import threading
from typing import Any

from awsglue._metastore._databases import Databases
from awsglue._metastore._partitions import PartitionChanges, Partitions
from awsglue._metastore._tables import Tables


class Metastore(Databases, Tables, Partitions, PartitionChanges):
    """All that Spark's Hive client asks a metastore."""

    def __getattr__(self, name: str) -> Any:
        from pymetastore.hive_metastore import ttypes as hive

        if name.startswith("_"):
            raise AttributeError(name)

        def refuse(*_arguments: Any) -> Any:
            raise hive.MetaException(f"The local Data Catalog does not answer the metastore call {name}.")

        return refuse


def start() -> str:
    """Start serving in the background; the `hive.metastore.uris` to give to Spark."""
    from pymetastore.hive_metastore import ThriftHiveMetastore
    from thrift.protocol.TBinaryProtocol import TBinaryProtocolAcceleratedFactory
    from thrift.server.TServer import TThreadedServer
    from thrift.transport.TSocket import TServerSocket
    from thrift.transport.TTransport import TBufferedTransportFactory

    logging.getLogger("thrift").setLevel(logging.CRITICAL)  # a client that closes its connection is no error
    socket = TServerSocket("127.0.0.1", 0)
    socket.listen()
    port = socket.handle.getsockname()[1]
    socket.listen = lambda: None  # the server would listen again, at another free port
    server = TThreadedServer(
        ThriftHiveMetastore.Processor(Metastore()),
        socket,
        TBufferedTransportFactory(),
        TBinaryProtocolAcceleratedFactory(),
        daemon=True,
    )
    threading.Thread(target=server.serve, name="metastore", daemon=True).start()
    return f"thrift://127.0.0.1:{port}"
