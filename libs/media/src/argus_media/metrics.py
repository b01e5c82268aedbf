"""What is counted of media in each service that knows them."""

from prometheus_client import Counter

UNUSABLE = Counter(
    "argus_media_unusable_total",
    "Installed media that this process cannot use, counted when it looked for them or opened them.",
    ["medium"],
)
