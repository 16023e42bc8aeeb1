"""Examples of the contract that ship with the project, or are made to order."""
