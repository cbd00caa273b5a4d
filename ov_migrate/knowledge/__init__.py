"""What the two APIs are, read from rules/. The one place where API facts enter the code.

Nothing is imported here: the byte test needs `knowledge.files` alone, and that has to be quick.
"""
