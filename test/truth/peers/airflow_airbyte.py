"""Airflow's own provider (apache-airflow-providers-airbyte), unchanged: its operator syncs and cancels, its hook waits for
a job that runs already. The connection `airbyte_default` is taken from the environment.

Arguments: a connection whose job succeeds immediately, one whose job is held, the held job's id. Prints one JSON document.
"""

import json
import sys
import time

from airflow.providers.airbyte.hooks.airbyte import AirbyteHook
from airflow.providers.airbyte.operators.airbyte import AirbyteTriggerSyncOperator
from airflow.providers.airbyte.sensors.airbyte import AirbyteJobSensor

quick, held, held_job = sys.argv[1:4]
seen = {}


def operator(connection_id, **settings):
    settings = {"task_id": "sync", "connection_id": connection_id, "wait_seconds": 0.05, "deferrable": False, **settings}
    return AirbyteTriggerSyncOperator(**settings)


def failure_of(run):
    try:
        return run()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


hook = AirbyteHook()
seen["connection"] = hook.test_connection()
job_id = operator(quick).execute({})
seen["synced"] = hook.get_job_status(job_id)
sensor = AirbyteJobSensor(task_id="wait", airbyte_job_id=job_id, deferrable=False)
seen["sensed"] = sensor.poke({})

# It has no attach: a second start is rejected, and a caller that knows the job's id can wait for it.
seen["second"] = failure_of(lambda: operator(held).execute({}))
seen["stillRunning"] = hook.get_job_status(int(held_job))
seen["timedOut"] = failure_of(lambda: hook.wait_for_job(held_job, wait_seconds=0.05, timeout=0.2))
seen["cancelled"] = hook.get_job_status(int(held_job))

killed = operator(held, asynchronous=True)
killed.execute({})
while hook.get_job_status(killed.job_id) == "pending":
    time.sleep(0.05)
killed.on_kill()
seen["killed"] = hook.get_job_status(killed.job_id)
print(json.dumps(seen))
