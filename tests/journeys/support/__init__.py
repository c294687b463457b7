"""Support of the journeys: the product as an operator starts it, people, crowds, browsers, proxies, faults."""
