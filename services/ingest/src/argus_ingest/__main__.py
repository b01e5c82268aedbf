"""`python -m argus_ingest`."""

from argus_ingest.app import run
from argus_ingest.settings import Settings
from argus_runtime import lifecycle

if __name__ == "__main__":
    lifecycle.main(run, Settings)
