# A replay is a request that was sent: there is nothing to import.
