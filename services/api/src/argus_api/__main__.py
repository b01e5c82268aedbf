"""`python -m argus_api`."""

from argus_api.app import run
from argus_api.settings import Settings
from argus_runtime import lifecycle
from argus_runtime.settings import load

if __name__ == "__main__":
    lifecycle.main(run, load(Settings))
