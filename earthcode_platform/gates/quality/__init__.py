"""Do the values of inputs and product meet what the experiment expects of them (`expectations.json`)?"""
