"""The worker of either; WORKER says whose, BROKER where the broker is."""

import os

from celery import Celery
from strangler.client import tasks
from strangler.client.propagation import tracing

app = Celery("worker", broker=os.environ["BROKER"], backend=os.environ["BROKER"])
app.conf.update(
    task_default_queue="monolith", accept_content=["json"], worker_hijack_root_logger=False
)
tasks.follow_traces()


@app.task(name="ledger.add", bind=True)
def add(self, word, times=1):
    """Tell who did it, and what came along."""
    trace = tracing.current()
    return {
        "by": os.environ["WORKER"],
        "word": word * times,
        "trace_id": trace.trace_id if trace else "",
        "id": self.request.id,
    }
