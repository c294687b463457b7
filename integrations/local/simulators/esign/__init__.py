"""爱签's API (电子签), played locally for development, demonstrations and tests.

The same wire protocol: signed multipart requests, codes in HTTP 200, contracts that wait for their signers, signed
callbacks that are repeated until they are answered `ok`; and a page where a person signs or refuses.
"""

from integrations.local.simulators.esign.app import create_app
from integrations.local.simulators.esign.keys import SIMULATED_APP_ID, DevelopmentKeys, development_keys
from integrations.local.simulators.esign.templates import HOUSEKEEPING_TEMPLATE, TRAINING_TEMPLATE
from integrations.local.simulators.esign.world import World

__all__ = [
    "HOUSEKEEPING_TEMPLATE",
    "SIMULATED_APP_ID",
    "TRAINING_TEMPLATE",
    "DevelopmentKeys",
    "World",
    "create_app",
    "development_keys",
]
