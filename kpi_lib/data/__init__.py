"""Raw tables to typed relations: the contract, sources, mappings, and checks."""
