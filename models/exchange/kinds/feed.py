"""The kind ``feed``: the school fetches its leads, page by page, with its API key."""

from models.exchange.kinds.declaration import Kind

# Nothing to set: the key says whose feed it is, and the cursor where its reader stands.
KIND = Kind("feed", "Feed", ())
