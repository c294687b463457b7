"""ZEGO's cloud (即构), played locally for development, demonstrations and tests.

Its server API with real signatures, nonces and limits; rooms that users enter with a real token04; signed callbacks
with the real ladder of repetitions; and what goes wrong, when a test asks for it. It carries no media.
"""

from integrations.local.simulators.zego.app import create_app
from integrations.local.simulators.zego.world import SIMULATED, Project, World

__all__ = ["SIMULATED", "Project", "World", "create_app"]
