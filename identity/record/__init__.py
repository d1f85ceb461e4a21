"""What happened (the journal) and what is to be told (the outbox), with the events and the gateways."""
