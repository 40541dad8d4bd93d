"""Syncs an Airbyte connection from Airflow, through Temporal.

Put this file into Airflow's dags folder. Where its tasks run, `temporal-airbyte` must be on the PATH, and AIRBYTE_URL and
TEMPORAL_ADDRESS must be set. A temporal-airbyte worker must run somewhere.

The exit code decides what Airflow does: 0 is a success, whose result other tasks can read. After 2 (bad usage or input) the
task fails immediately. After 1 (the sync failed) and 3 (Temporal or Airbyte out of reach) Airflow retries it. A task that is
killed cancels its job in Airbyte. If the machine of a task dies, the sync continues in Temporal, and the next attempt waits
for the same job.
"""

import json
import logging
import subprocess
import tempfile
from datetime import datetime, timedelta, timezone

from airflow.decorators import dag, task
from airflow.exceptions import AirflowException, AirflowFailException

CONNECTION = "PostgreSQL → MinIO"  # a name or an id
BAD_INPUT = 2

log = logging.getLogger(__name__)


@task(retries=4, retry_delay=timedelta(minutes=5), execution_timeout=timedelta(hours=3))
def sync(connection: str) -> dict:
    """Runs one sync to its end. Returns its result: jobId, status, recordsSynced, …"""
    command = ["temporal-airbyte", "sync", connection, "--wait", "--json", "--on-interrupt", "cancel", "--timeout", "2h"]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.PIPE, text=True, encoding="utf-8")
        try:
            for line in process.stderr:  # progress, for the task's log
                log.info(line.rstrip())
            process.wait()
        except BaseException:  # killed, or out of time: the command cancels the job, and ends after it
            process.terminate()
            process.communicate()
            raise
        output.seek(0)
        result = json.load(output)
    if process.returncode == 0:
        return result
    message = f"{result['error']['type']}: {result['error']['message']}"
    raise AirflowFailException(message) if process.returncode == BAD_INPUT else AirflowException(message)


@dag(
    schedule="0 */6 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,  # one sync moves everything that is new, so missed runs need no repetition
    max_active_runs=1,
)
def airbyte_sync():
    sync(CONNECTION)


airbyte_sync()
