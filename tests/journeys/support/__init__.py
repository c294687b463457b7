"""What the journeys share: the product as an operator starts it, people, crowds, browsers, proxies, faults."""
