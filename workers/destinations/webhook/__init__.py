"""The kind ``webhook``: our own body, signed by Standard Webhooks."""
