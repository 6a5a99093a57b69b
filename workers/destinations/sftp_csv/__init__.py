"""The kind ``sftp_csv``: tables of leads, put into a folder of the school's server."""
