"""The IR: nodes, graph, verifier, printer and remarks; it imports nothing else of the project."""
