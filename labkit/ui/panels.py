"""What a notebook's lab shows of the cloud: each method is what a button of a widget does, and gives an object that shows itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from labkit.aws.session import Clients
from labkit.names import Names
from labkit.prices import Prices
from labkit.settings import Settings

if TYPE_CHECKING:
    from labkit.ui.cost_meter import CostMeter
    from labkit.ui.crawl_run import CrawlResult
    from labkit.ui.drop_result import DropResult
    from labkit.ui.drop_widget import DropWidget
    from labkit.ui.job_result import JobResult
    from labkit.ui.live_map import LiveMap
    from labkit.ui.log_view import LogView
    from labkit.ui.partition_browser import TableParts
    from labkit.ui.pipeline_map import PipelineMap
    from labkit.ui.plots import Plot
    from labkit.ui.query_answer import QueryAnswer
    from labkit.ui.query_console import QueryConsole


class Panels:
    """Derive from it with these four attributes; the methods need nothing else."""

    @property
    def settings(self) -> Settings:
        raise NotImplementedError

    @property
    def clients(self) -> Clients:
        raise NotImplementedError

    @property
    def names(self) -> Names:
        raise NotImplementedError

    @property
    def prices(self) -> Prices:
        raise NotImplementedError

    def map(self, *, live: bool = False) -> PipelineMap | LiveMap:
        """The pipeline: each part, its state and counts, and the last event that went through; `live` follows what happens."""
        from labkit.ui.live_map import open_live_map
        from labkit.ui.pipeline_map import read_map

        return (open_live_map if live else read_map)(self.clients, self.names)

    def drop(
        self, path: str | Path | None = None, key: str | None = None, *, wait: bool = True
    ) -> DropResult | DropWidget:
        """Put a file into the raw bucket's folder (or at `key`) and follow its event; without a path, a button to choose one."""
        from labkit.ui.drop_widget import DropWidget
        from labkit.ui.file_drop import drop_file

        if path is None:
            return DropWidget(self.clients, self.names, self.prices)
        return drop_file(self.clients, self.names, self.prices, Path(path), key, wait=wait)

    def console(self) -> QueryConsole:
        """A widget to write SQL in: `.run(sql)`, `.history`, `.answer`."""
        from labkit.ui.query_console import QueryConsole

        return QueryConsole(self.clients, self.names, self.prices)

    def query(self, sql: str, database: str | None = None, workgroup: str | None = None) -> QueryAnswer:
        """Run one statement of Athena: `.rows`, `.columns`, `.value`, `.df()`, `.scanned_bytes`, `.usd`, `.state`, `.error`."""
        from labkit.ui.query import run_query

        return run_query(self.clients, self.names, self.prices, sql, database, workgroup)

    def run_job(self, name: str | None = None, *, run: Any = None, wait: bool = True, **arguments: Any) -> JobResult:
        """Start a run of a Glue job (else the lab's) with `year=2024` as `--year 2024`, or follow the one that `run` names."""
        from labkit.ui.job_arguments import build_arguments
        from labkit.ui.job_run import run_job

        chosen = None if run is None else str(getattr(run, "id", run))
        job = name or str(getattr(run, "job", self.names.job))
        return run_job(self.clients, self.prices, job, chosen, build_arguments(arguments), wait=wait)

    def crawl(self, name: str | None = None, *, wait: bool = True) -> CrawlResult:
        """Run a crawler (else the one of the raw bucket): `.tables`, `.state`, `.error`, `.usd`."""
        from labkit.ui.crawl_run import run_crawl

        return run_crawl(self.clients, self.prices, name or self.names.raw_crawler, wait=wait)

    def partitions(self, table: str | None = None, database: str | None = None) -> TableParts:
        """A table (else the processed one) with its partitions in the catalog and in S3: `.registered`, `.only_in_s3`."""
        from labkit.ui.partition_browser import read_partitions

        return read_partitions(self.clients, database or self.names.database, table or self.names.processed)

    def logs(
        self,
        *,
        function: str | None = None,
        job: str | None = None,
        run: Any = None,
        crawler: str | None = None,
        filter: str = "",  # noqa: A002 - the word of CloudWatch Logs
        minutes: float | None = None,
        most: int = 100,
    ) -> LogView:
        """Lines in CloudWatch Logs of a function, a job, a run or a crawler (else of all of them): `.lines`, `.text`."""
        from labkit.ui.log_view import Asked, read_logs

        named = None if run is None else str(getattr(run, "id", run))
        return read_logs(self.clients, Asked(function, job, named, crawler, filter, minutes, most))

    def costs(self) -> CostMeter:
        """What everything done so far would have cost on AWS: `.charges`, `.total`, `.monthly`, `.plot()`."""
        from labkit.ui.cost_meter import read_costs

        return read_costs(self.clients, self.prices)

    def plot(
        self, data: Any, kind: str = "bar", *, title: str = "", x: str = "", y: str = "", log: bool = False
    ) -> Plot:
        """Draw a mapping, rows, a DataFrame or an answer of `lab.query` as bars (`kind="bar"`) or lines (`kind="line"`)."""
        from labkit.ui.plot_data import read_plot

        return read_plot(data, kind, title, x, y, log=log)

    def metric(
        self,
        name: str,
        namespace: str = "AWS/Lambda",
        statistic: str = "Sum",
        *,
        minutes: float = 60,
        period_s: int = 60,
        **dimensions: str,
    ) -> Plot:
        """A CloudWatch metric of the last minutes as a plot; without dimensions, of the lab's own function, workgroup or bucket."""
        from labkit.ui.metric_plot import find_dimensions, read_metric

        chosen = find_dimensions(self.names, namespace, dimensions)
        return read_metric(self.clients, namespace, name, chosen, statistic, minutes, period_s)
