"""Looking for data in services: what is found can be pasted into the inputs of an experiment."""
