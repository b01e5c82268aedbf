"""`python -m argus_store`."""

from argus_runtime import lifecycle
from argus_runtime.settings import load
from argus_store.app import run
from argus_store.settings import Settings

if __name__ == "__main__":
    lifecycle.main(run, load(Settings))
