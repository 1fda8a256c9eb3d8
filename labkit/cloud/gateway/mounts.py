"""The mount table that tells ViewFs where each bucket lies."""

from __future__ import annotations

from xml.sax.saxutils import escape

from labkit.cloud.gateway.files import WARM_BUCKET
from labkit.cloud.store import Store

# No bucket can have this name (S3 bucket names begin with a letter or a digit).
MOUNT_FOLDER = "_labkit-mounts"
WARM_FOLDER = f"s3://{WARM_BUCKET}/_temporary"

_COMMITTERS = "org.apache.hadoop.mapreduce.lib.output.FileOutputCommitterFactory"


class Mounts:
    """The document that ViewFs reads when a bucket is first used in a JVM: buckets made before that moment are in it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def document(self, root: str) -> tuple[str, bytes]:
        """File name and XML; `root` is `webhdfs://host:port`."""
        properties = "".join(
            f"<property><name>fs.viewfs.mounttable.{escape(bucket)}.linkFallback</name>"
            f"<value>{escape(root)}/{escape(bucket)}</value></property>"
            for bucket in [*self._store.buckets(), WARM_BUCKET]
        )
        xml = f'<?xml version="1.0" encoding="UTF-8"?><configuration>{properties}</configuration>'
        return "mount-table.1.xml", xml.encode()


def spark_settings(port: int) -> dict[str, str]:
    """Hadoop settings that make `s3://`, `s3a://` and `s3n://` mounts of the local cloud."""
    settings = {
        "spark.hadoop.fs.viewfs.mounttable.path": f"webhdfs://127.0.0.1:{port}/{MOUNT_FOLDER}",
        "spark.hadoop.fs.webhdfs.impl": "org.apache.hadoop.hdfs.web.WebHdfsFileSystem",
        # Hadoop's default for s3a is a committer of the connector that is not here.
        "spark.hadoop.mapreduce.outputcommitter.factory.scheme.s3a": _COMMITTERS,
    }
    for scheme in ("s3", "s3a", "s3n"):
        settings[f"spark.hadoop.fs.{scheme}.impl"] = "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme"
        target = "org.apache.hadoop.hdfs.web.WebHdfsFileSystem"
        settings[f"spark.hadoop.fs.viewfs.overload.scheme.target.{scheme}.impl"] = target
    return settings
