"""How a flow run asks a person: forms, questions, and the run after an answer."""
