"""`--rename-variables`: variables, parameters and attributes get the names of API 2.0."""
