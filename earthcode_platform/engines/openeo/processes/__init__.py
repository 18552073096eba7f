"""The processes of openEO, one file for each family.

A process is a plain function. Its arguments are named as the specification (openEO Processes 2.0.0-rc.2, which contains
1.2) names them; where Python or a linter reserves a name, an underscore follows it, for functions and arguments alike.
"""
