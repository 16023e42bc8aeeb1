"""Raw tables to typed relations: the contract, sources, mappings, checks and examples."""
