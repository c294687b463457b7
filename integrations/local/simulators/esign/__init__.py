"""A local simulator of the API of 爱签 (电子签) for development, demonstrations and tests.

It speaks the same wire protocol: signed multipart requests, codes in HTTP 200, contracts that wait for their signers,
and signed callbacks that are retried until the response is `ok`. It also has a page where a person signs or rejects.
"""

from integrations.local.simulators.esign.app import create_app
from integrations.local.simulators.esign.keys import SIMULATED_APP_ID, DevelopmentKeys, development_keys
from integrations.local.simulators.esign.state import SimulatorState
from integrations.local.simulators.esign.templates import HOUSEKEEPING_TEMPLATE, TRAINING_TEMPLATE

__all__ = [
    "HOUSEKEEPING_TEMPLATE",
    "SIMULATED_APP_ID",
    "TRAINING_TEMPLATE",
    "DevelopmentKeys",
    "SimulatorState",
    "create_app",
    "development_keys",
]
