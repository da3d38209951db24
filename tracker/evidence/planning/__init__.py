"""How many work items, developers and weeks a study takes to tell a claim from the true gain."""
