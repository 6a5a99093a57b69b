"""The domain: frozen values, tables of rules, ports. Standard library only."""
