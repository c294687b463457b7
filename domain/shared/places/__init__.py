"""Places of mainland China: provinces, cities, their names in two languages, and regions of log-ins."""
