"""What a MUC service does, seen by its clients: transcripts that run against any service.

Nothing here knows of the service under test but its address. docs/conformance.md tells how it is
run, and what several services made of it.
"""

from __future__ import annotations

from conformance.reading import NotOffered
from conformance.registry import Scenario, all_scenarios, requirement
from conformance.run import Outcome, Verdict, play
from conformance.scene import Scene
from conformance.service import Account, Service

__all__ = [
    "Account",
    "NotOffered",
    "Outcome",
    "Scenario",
    "Scene",
    "Service",
    "Verdict",
    "all_scenarios",
    "play",
    "requirement",
]
