"""`python -m argus_dispatch`."""

from argus_dispatch.app import run
from argus_dispatch.settings import Settings
from argus_runtime import lifecycle

if __name__ == "__main__":
    lifecycle.main(run, Settings)
