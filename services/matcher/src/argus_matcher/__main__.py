"""`python -m argus_matcher`."""

from argus_matcher.app import run
from argus_matcher.settings import Settings
from argus_runtime import lifecycle

if __name__ == "__main__":
    lifecycle.main(run, Settings)
