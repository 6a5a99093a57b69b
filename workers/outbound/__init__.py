"""Mail, files and downloads through the guarded way out (``models.outbound``)."""
